/** Payloads as programs of MQTT.js expect them: a Buffer where there is one, and in browsers bytes that can be read alike. */

/** What a payload is where the platform has no Buffer: bytes whose `toString` answers with text. */
export class PayloadBytes extends Uint8Array {
  /** `utf8` (the default), `hex`, `base64`, `latin1` or `ascii`. */
  override toString(encoding = "utf8"): string {
    switch (encoding.toLowerCase()) {
      case "utf8":
      case "utf-8":
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this);
      case "hex":
        return Array.from(this, (byte) => byte.toString(16).padStart(2, "0")).join("");
      case "base64":
        return btoa(latin1(this, 0xff));
      case "latin1":
      case "binary":
        return latin1(this, 0xff);
      case "ascii":
        return latin1(this, 0x7f);
      default:
        throw new TypeError(`A payload cannot be read as ${encoding}: use utf8, hex, base64, latin1 or ascii.`);
    }
  }
}

function latin1(bytes: Uint8Array, mask: number): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte & mask);
  return text;
}

/** The same bytes, not copied. */
export function payloadBytes(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, length } = bytes;
  if (typeof globalThis.Buffer === "function") return globalThis.Buffer.from(buffer as ArrayBuffer, byteOffset, length);
  return new PayloadBytes(buffer as ArrayBuffer, byteOffset, length) as unknown as Buffer;
}
