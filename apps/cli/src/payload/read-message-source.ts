/** Where `pub` and `rr` take what they send from. */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { MessageSource } from "../commands/publish-request.js";
import { Failure } from "../failure.js";
import { systemReason } from "../system-reason.js";

/** The longest payload that fits a packet (section 2.1.4), less its topic. */
const PAYLOAD_BYTES_MAX = 268_435_455;

/** One payload, whole. Not for lines. */
export async function readMessage(
  source: Exclude<MessageSource, { kind: "lines" }>,
  input: Readable,
): Promise<Uint8Array> {
  switch (source.kind) {
    case "bytes":
      return source.bytes;
    case "file":
      return readMessageFile(source.path);
    case "stdin":
      return readAll(input);
  }
}

async function readMessageFile(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error) => {
    throw new Failure(`Cannot read ${path} (-f): ${systemReason(error)}.`);
  });
  if (bytes.length > PAYLOAD_BYTES_MAX) throw tooLong(path);
  return bytes;
}

async function readAll(input: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > PAYLOAD_BYTES_MAX) throw tooLong("stdin");
  }
  return Buffer.concat(chunks);
}

function tooLong(what: string): Failure {
  return new Failure(`${what} is longer than ${PAYLOAD_BYTES_MAX} bytes, the most that one message can carry.`);
}

/** Each line without its end, as bytes. Stops when `stop` fires. */
export async function* readLines(input: Readable, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  // Bytes that are not UTF-8 pass through as they are.
  const lines = createInterface({ input: input.setEncoding("latin1"), crlfDelay: Number.POSITIVE_INFINITY });
  stop.addEventListener("abort", () => lines.close(), { once: true });
  for await (const line of lines) {
    if (stop.aborted) return;
    yield Buffer.from(line, "latin1");
  }
}
