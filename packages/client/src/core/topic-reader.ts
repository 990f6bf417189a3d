/**
 * Topic Names of incoming messages as strings. The next message is often to the topic of the last one, whose string is
 * used again: so that nobody has to look at characters twice.
 */
import { protocolError, readUtf8 } from "@tidings/packet";

/** Longer names are not compared. */
const COMPARED_BYTES_MAX = 64;

export class TopicReader {
  #last = "";
  #lastBytes: Uint8Array | undefined;
  #lastLength = -1;

  /** Throws `PacketError` for what is no Topic Name. */
  read(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length === this.#lastLength && isSame(this.#lastBytes as Uint8Array, bytes, start, length)) return this.#last;
    const topic = readUtf8(bytes, start, end);
    checkTopicName(topic);
    if (length <= COMPARED_BYTES_MAX) {
      if (this.#lastBytes === undefined) this.#lastBytes = new Uint8Array(COMPARED_BYTES_MAX);
      for (let index = 0; index < length; index += 1) this.#lastBytes[index] = bytes[start + index];
      this.#last = topic;
      this.#lastLength = length;
    }
    return topic;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  // Names that differ mostly do so near their end.
  for (let index = length - 1; index >= 0; index -= 1) if (known[index] !== bytes[start + index]) return false;
  return true;
}

/** [MQTT-3.3.2-2] */
export function checkTopicName(topic: string): void {
  if (topic.includes("+") || topic.includes("#")) throw protocolError("Topic Name holds a wildcard");
}
