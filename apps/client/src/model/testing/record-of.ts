/** A record for tests. */
import type { MessageRecord } from "../message-record.js";

export function recordOf(
  topic: string,
  payload: string | Uint8Array,
  fields: Partial<MessageRecord> = {},
): MessageRecord {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  return {
    sequence: 1,
    atMs: 0,
    direction: "received",
    topic,
    payload: bytes,
    payloadBytes: bytes.length,
    qos: 0,
    retain: false,
    dup: false,
    properties: undefined,
    colour: -1,
    ...fields,
  };
}
