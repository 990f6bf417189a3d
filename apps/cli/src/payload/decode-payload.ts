/** `--decode`: the bytes that came, as a value or as text for people. */
import { decode as decodeMessagePack } from "@msgpack/msgpack";
import { decode as decodeCbor } from "cborg";

export const PAYLOAD_DECODINGS = ["text", "json", "cbor", "msgpack", "hex", "base64"] as const;
export type PayloadDecoding = (typeof PAYLOAD_DECODINGS)[number];

/** What a payload says. */
export type DecodedPayload =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly value: unknown }
  /** Neither what was asked for nor text. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** A payload that is not what `decoding` says is given as text or bytes: one odd message must not end a subscription. */
export function decodePayload(payload: Uint8Array, decoding: PayloadDecoding): DecodedPayload {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  switch (decoding) {
    case "hex":
      return { kind: "text", text: bytes.toString("hex") };
    case "base64":
      return { kind: "text", text: bytes.toString("base64") };
    case "text":
      return textOrBytes(payload);
  }
  try {
    return { kind: "value", value: VALUES[decoding](payload) };
  } catch {
    return textOrBytes(payload);
  }
}

const VALUES: Record<"json" | "cbor" | "msgpack", (payload: Uint8Array) => unknown> = {
  json: (payload) => JSON.parse(strictText(payload)),
  cbor: (payload) => decodeCbor(payload, { allowUndefined: true, useMaps: false, allowInfinity: true, allowNaN: true }),
  msgpack: (payload) => decodeMessagePack(payload),
};

/** A line for people; pretty JSON takes several. */
export function payloadText(payload: Uint8Array, decoding: PayloadDecoding, pretty = false): string {
  const decoded = decodePayload(payload, decoding);
  if (decoded.kind === "text") return decoded.text;
  if (decoded.kind === "bytes") return `<${decoded.bytes.length} bytes: ${hexPreview(decoded.bytes)}>`;
  return JSON.stringify(decoded.value, jsonReplacer, pretty ? 2 : undefined) ?? "undefined";
}

/** For `JSON.stringify`: what JSON has no word for. */
export function jsonReplacer(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
  return value;
}

const PREVIEW_BYTES = 32;

function hexPreview(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.subarray(0, PREVIEW_BYTES)).toString("hex");
  return bytes.length > PREVIEW_BYTES ? `${hex}…` : hex;
}

function textOrBytes(payload: Uint8Array): DecodedPayload {
  try {
    return { kind: "text", text: strictText(payload) };
  } catch {
    return { kind: "bytes", bytes: payload };
  }
}

function strictText(payload: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
}
