/** A CBOR data item with a tag (RFC 8949 section 3.4) whose meaning the page does not interpret. */
export class CborTag {
  constructor(
    readonly tag: number,
    readonly content: unknown,
  ) {}
}
