/** A search over messages: words that must all occur, without regard to case, in the topic or in the payload's text. */
import type { MessageRecord } from "./message-record.js";

/** Of each payload, the part that is searched. */
const SEARCHED_BYTES_MAX = 16_384;

export type MessageTest = (record: MessageRecord) => boolean;

interface Term {
  readonly text: string;
  readonly inTopicOnly: boolean;
  readonly isExcluded: boolean;
}

/**
 * `topic:` before a word looks in the topic alone, `-` in front excludes, "quotes" keep blanks. Undefined: everything
 * matches.
 */
export function parseSearch(query: string): MessageTest | undefined {
  const terms = [...query.toLowerCase().matchAll(/(-?)(topic:)?(?:"([^"]*)"?|(\S+))/g)]
    .map(([, minus, topic, quoted, word]) => ({
      text: quoted ?? word ?? "",
      inTopicOnly: topic !== undefined,
      isExcluded: minus === "-",
    }))
    .filter(({ text }) => text !== "");
  if (terms.length === 0) return undefined;
  return (record) => terms.every((term) => occurs(term, record) !== term.isExcluded);
}

function occurs({ text, inTopicOnly }: Term, record: MessageRecord): boolean {
  if (record.topic.toLowerCase().includes(text)) return true;
  return !inTopicOnly && searchedText(record.payload).includes(text);
}

const decoder = new TextDecoder();

function searchedText(payload: Uint8Array): string {
  return decoder.decode(payload.subarray(0, SEARCHED_BYTES_MAX)).toLowerCase();
}
