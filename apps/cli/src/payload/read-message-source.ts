/** Where `pub` and `rr` take what they send from. */
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { MessageSource } from "../commands/publish-request.js";
import { Failure } from "../failure.js";
import { systemReason } from "../system-reason.js";

/** The longest payload that fits a packet (section 2.1.4), less its topic. */
const PAYLOAD_BYTES_MAX = 268_435_455;

const LINE_FEED = 0x0a;

/** The file of `-f` cannot be read. */
export class MessageFileFailure extends Failure {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`Cannot read ${path} (-f): ${reason}.`);
    this.path = path;
  }
}

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
    throw new MessageFileFailure(path, systemReason(error));
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

/** Each line without its "\n", byte by byte. Ends when `stop` fires. */
export async function* readLines(input: Readable, stop: AbortSignal): AsyncGenerator<Uint8Array> {
  // A pending read would not notice; destroyed, it ends.
  stop.addEventListener("abort", () => input.destroy(), { once: true });
  let rest: Buffer[] = [];
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        yield Buffer.concat([...rest, chunk.subarray(start, end)]);
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  if (rest.length > 0 && !stop.aborted) yield Buffer.concat(rest);
}
