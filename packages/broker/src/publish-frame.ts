/**
 * One encoding of one message: the bytes of a PUBLISH with everything in place but what differs from receiver to
 * receiver, which is patched in the copy: the first byte, the packet identifier, the seconds left.
 */
export class PublishFrame {
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

  /** The bytes were copied to `bytes`, each `by` further on. */
  rebase(bytes: Uint8Array, by: number): void {
    this.bytes = bytes;
    this.start += by;
    this.headEnd += by;
    this.end += by;
    if (this.identifierOffset >= 0) this.identifierOffset += by;
    if (this.messageExpiryOffset >= 0) this.messageExpiryOffset += by;
  }
}
