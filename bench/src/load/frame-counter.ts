/**
 * Cuts a byte stream into MQTT packets without making an object for any of them. The load must not be the limit.
 */
export interface FrameSink {
  /** `bytes[bodyStart, end)` is the body of a packet whose first byte is `first`; valid during the call. */
  onFrame(first: number, bytes: Uint8Array, bodyStart: number, end: number): void;
}

export class FrameCounter {
  private tail: Uint8Array = new Uint8Array(0);

  constructor(private readonly sink: FrameSink) {}

  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.tail.length > 0) {
      bytes = new Uint8Array(this.tail.length + chunk.length);
      bytes.set(this.tail);
      bytes.set(chunk, this.tail.length);
    }
    let at = 0;
    for (;;) {
      if (at + 2 > bytes.length) break;
      let cursor = at + 1;
      let remaining = 0;
      let shift = 0;
      let byte = 0x80;
      while (cursor < bytes.length && (byte & 0x80) !== 0) {
        byte = bytes[cursor++];
        remaining |= (byte & 0x7f) << shift;
        shift += 7;
      }
      if ((byte & 0x80) !== 0 || cursor + remaining > bytes.length) break;
      this.sink.onFrame(bytes[at], bytes, cursor, cursor + remaining);
      at = cursor + remaining;
    }
    this.tail = at === bytes.length ? this.tail.subarray(0, 0) : bytes.slice(at);
  }
}
