/** Base64 of RFC 4648 section 4. */

/** Arguments of one call; engines limit them. */
const CHUNK_BYTES = 8_192;

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let index = 0; index < bytes.length; index += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(index, index + CHUNK_BYTES));
  }
  return btoa(binary);
}

/** Blanks are skipped. Throws when the text is something else. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replace(/\s/g, "")), (character) => character.charCodeAt(0));
}
