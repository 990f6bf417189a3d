import { describeError } from "../model/describe-error.js";
import { connected, notify, retained } from "./app.js";
import { formatCount } from "./format.js";

/** Over the connection of the page; tells the user how it went. */
export async function deleteRetained(topics: readonly string[]): Promise<void> {
  try {
    await retained.delete(topics, connected().client);
    notify("good", `${countMessages(topics.length)} deleted.`);
  } catch (error) {
    notify("bad", describeError(error));
  }
}

export function countMessages(count: number): string {
  return `${formatCount(count)} retained ${count === 1 ? "message" : "messages"}`;
}
