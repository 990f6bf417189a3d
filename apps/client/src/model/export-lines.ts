/** Messages as JSON lines, one object each: text where the payload is UTF-8, base64 otherwise. */

import type { MessageProperties } from "@tidings/client";
import { toBase64 } from "./base64.js";
import type { MessageRecord } from "./message-record.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A line without its end. `payloadBytes` is there when the page kept only the beginning of the payload. */
export function exportLine(record: MessageRecord): string {
  const { payload, payloadBytes, properties } = record;
  return JSON.stringify({
    time: new Date(record.atMs).toISOString(),
    direction: record.direction,
    topic: record.topic,
    qos: record.qos,
    retain: record.retain,
    ...(record.dup && { dup: true }),
    ...payloadField(payload),
    ...(payloadBytes > payload.length && { payloadBytes }),
    ...(properties && { properties: exportProperties(properties) }),
  });
}

/** The lines in parts of about a thousand, ready for a Blob, so that no string grows beyond what engines allow. */
export function exportLines(records: readonly MessageRecord[]): string[] {
  const parts: string[] = [];
  for (let index = 0; index < records.length; index += 1_000) {
    parts.push(
      records
        .slice(index, index + 1_000)
        .map((record) => `${exportLine(record)}\n`)
        .join(""),
    );
  }
  return parts;
}

function payloadField(payload: Uint8Array): { payload: string } | { payloadBase64: string } {
  try {
    return { payload: utf8.decode(payload) };
  } catch {
    return { payloadBase64: toBase64(payload) };
  }
}

function exportProperties({ correlationData, ...rest }: MessageProperties) {
  return { ...rest, ...(correlationData && { correlationData: toBase64(correlationData) }) };
}
