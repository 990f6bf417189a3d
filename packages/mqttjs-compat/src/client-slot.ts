/** The client in use, which changes with `end` and `reconnect`, and those who wait for one. */
import { type Client, ClientError } from "@tidings/client";

interface Waiting {
  readonly task: (client: Client) => void;
  readonly fail: (error: ClientError) => void;
}

export class ClientSlot {
  #client: Client | undefined;
  #waiting: Waiting[] = [];

  get client(): Client | undefined {
    return this.#client;
  }

  /** Those who wait have their turn. */
  fill(client: Client): void {
    this.#client = client;
    for (const { task } of this.#waiting.splice(0)) task(client);
  }

  /** The client has ended by itself; those who ask now wait for the next one. */
  clear(): void {
    this.#client = undefined;
  }

  /** There will be no next one: those who wait fail. */
  end(): void {
    this.#client = undefined;
    const error = new ClientError("TIDINGS_CLIENT_CLOSED", "The client was closed.");
    for (const { fail } of this.#waiting.splice(0)) fail(error);
  }

  /** Runs the task now, or when there is a client. */
  ask(task: (client: Client) => void, fail: (error: ClientError) => void): void {
    if (this.#client === undefined) this.#waiting.push({ task, fail });
    else task(this.#client);
  }
}
