/** Strings to bytes. */

const encoder = new TextEncoder();

/** UTF-8. What is no character (a lone surrogate) becomes U+FFFD. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
