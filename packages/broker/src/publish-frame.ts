/**
 * One encoding of one message: the bytes of a PUBLISH with everything in place but what differs from receiver to
 * receiver, which is patched in the copy: the first byte, the packet identifier, the seconds left.
 */
import { copyBytes } from "./copy-bytes.js";

/** See above; the message makes one for each version and kind of receiver. */
export class PublishFrame {
  /** The frame's bytes alone. Made for the second receiver: copying from it needs no view. */
  private exact: Uint8Array | undefined = undefined;
  private copies = 0;

  constructor(
    public bytes: Uint8Array,
    public start: number,
    /** Where the payload begins, or would. */
    public headEnd: number,
    /** Behind the payload; equals `headEnd` when the payload is too large to be copied into the frame. */
    public end: number,
    /** Of the packet identifier; -1 without one. */
    public identifierOffset: number,
    /** Of the value of Message Expiry Interval; -1 without one. */
    public messageExpiryOffset: number,
  ) {}

  /** Copies `size` bytes from the start of the frame, always the same number, to `target` at `at`. */
  copyTo(target: Uint8Array, at: number, size: number): void {
    if (this.exact !== undefined) target.set(this.exact, at);
    else {
      copyBytes(this.bytes, this.start, this.start + size, target, at);
      this.copies += 1;
      if (this.copies > 1) this.exact = this.bytes.subarray(this.start, this.start + size);
    }
  }

  /** The bytes were copied to `bytes`, each `by` further on. */
  rebase(bytes: Uint8Array, by: number): void {
    this.exact = undefined;
    this.copies = 0;
    this.bytes = bytes;
    this.start += by;
    this.headEnd += by;
    this.end += by;
    if (this.identifierOffset >= 0) this.identifierOffset += by;
    if (this.messageExpiryOffset >= 0) this.messageExpiryOffset += by;
  }
}
