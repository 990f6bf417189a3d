/** `--encode`: the message as the user wrote it, into the bytes that are sent. */
import { encode as encodeMessagePack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import { usage } from "../failure.js";

export const PAYLOAD_ENCODINGS = ["text", "json", "cbor", "msgpack", "hex", "base64"] as const;
export type PayloadEncoding = (typeof PAYLOAD_ENCODINGS)[number];

/** `json` is checked and sent as it is; `cbor` and `msgpack` are made from JSON. Throws a usage `Failure`. */
export function encodePayload(bytes: Uint8Array, encoding: PayloadEncoding): Uint8Array {
  if (encoding === "text") return bytes;
  const text = new TextDecoder().decode(bytes);
  switch (encoding) {
    case "json":
      parseJson(text);
      return bytes;
    case "cbor":
      return encodeCbor(parseJson(text));
    case "msgpack":
      return encodeMessagePack(parseJson(text));
    case "hex": {
      const digits = text.replace(/^\s*0x|[\s:,-]/gi, "");
      if (!/^([0-9a-f]{2})*$/i.test(digits)) throw refused("hex", "Use pairs of the digits 0-9 and a-f.");
      return Buffer.from(digits, "hex");
    }
    case "base64": {
      const symbols = text.replace(/\s/g, "");
      if (!/^[\w+/-]*={0,2}$/.test(symbols)) throw refused("base64", "Use A-Z, a-z, 0-9, + and /.");
      return Buffer.from(symbols, "base64");
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused("JSON", (error as Error).message);
  }
}

function refused(what: string, advice: string): Error {
  return usage(`The message is not ${what} (--encode). ${advice}`);
}
