/**
 * A payload as text to read: JSON, plain text, hex, CBOR or MessagePack. Never throws; what cannot be read says why and is
 * shown as hex. Bounded: of long payloads the beginning is decoded.
 */
import { decode as decodeMsgpack } from "@msgpack/msgpack";
import { decode as decodeCbor } from "cborg";
import { CborTag } from "./cbor-tag.js";
import { hexDump } from "./hex-dump.js";
import { indentJson } from "./indent-json.js";
import type { MessageRecord } from "./message-record.js";
import { printValue } from "./print-value.js";

export const PAYLOAD_FORMATS = ["auto", "json", "text", "hex", "cbor", "msgpack"] as const;
export type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];

export interface DecodedPayload {
  /** What `text` is written in. */
  readonly format: Exclude<PayloadFormat, "auto">;
  /** Empty for a payload without bytes. */
  readonly text: string;
  /** The decoded value of JSON, CBOR and MessagePack; for plain text the text. */
  readonly value: unknown;
  /** Why the wanted format did not work. */
  readonly error?: string;
  /** Bytes of the payload that are not shown. */
  readonly hiddenBytes: number;
}

/** Decoding and printing more would stop the page. */
const DECODED_BYTES_MAX = 262_144;

type Source = Pick<MessageRecord, "payload" | "payloadBytes" | "properties">;

export function decodePayload(source: Source, wanted: PayloadFormat = "auto"): DecodedPayload {
  const bytes = source.payload.subarray(0, DECODED_BYTES_MAX);
  const hiddenBytes = source.payloadBytes - bytes.length;
  try {
    if (wanted !== "auto") return printed(decodeAs(wanted, bytes, hiddenBytes), hiddenBytes);
  } catch (error) {
    const reason = hiddenBytes > 0 ? "too long to be decoded as a whole" : (error as Error).message;
    return {
      format: "hex",
      text: hexDump(bytes),
      value: undefined,
      error: `Not ${NAMES[wanted]}: ${reason}`,
      hiddenBytes,
    };
  }
  return printed(guess(bytes, hiddenBytes, source.properties?.contentType), hiddenBytes);
}

/** The value alone, as `auto` finds it, without the cost of printing. */
export function payloadValue({ payload, payloadBytes, properties }: Source): unknown {
  const bytes = payload.subarray(0, DECODED_BYTES_MAX);
  return guess(bytes, payloadBytes - bytes.length, properties?.contentType).value;
}

interface Decoded {
  readonly format: DecodedPayload["format"];
  readonly value: unknown;
  print(): string;
}

function printed({ format, value, print }: Decoded, hiddenBytes: number): DecodedPayload {
  return { format, value, text: print(), hiddenBytes };
}

const NAMES: Record<PayloadFormat, string> = {
  auto: "automatic",
  json: "JSON",
  text: "UTF-8 text",
  hex: "hex",
  cbor: "CBOR",
  msgpack: "MessagePack",
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeAs(format: Exclude<PayloadFormat, "auto">, bytes: Uint8Array, hiddenBytes: number): Decoded {
  switch (format) {
    case "json": {
      const source = utf8.decode(bytes);
      return { format, value: JSON.parse(source), print: () => indentJson(source) };
    }
    case "text": {
      // A cut may have gone through a character.
      const text = utf8.decode(bytes, { stream: hiddenBytes > 0 });
      if (hiddenBytes > 0) resetDecoder();
      return { format, value: text, print: () => text };
    }
    case "cbor": {
      const value = decodeCbor(bytes, { useMaps: true, tags: EVERY_TAG });
      return { format, value, print: () => printValue(value) };
    }
    case "msgpack": {
      const value = decodeMsgpack(bytes, { useBigInt64: true });
      return { format, value, print: () => printValue(value) };
    }
    case "hex":
      return { format, value: undefined, print: () => hexDump(bytes) };
  }
}

/** The Content Type decides; else valid UTF-8 is JSON or text, and other bytes are tried as a CBOR or MessagePack container. */
function guess(bytes: Uint8Array, hiddenBytes: number, contentType = ""): Decoded {
  const named = formatOfContentType(contentType);
  const candidates = [...(named ? [named] : []), "json", "text", ...binaryCandidates(bytes), "hex"] as const;
  for (const format of candidates) {
    try {
      return decodeAs(format, bytes, hiddenBytes);
    } catch {
      // the next one
    }
  }
  throw new Error("unreachable: hex takes any bytes");
}

function formatOfContentType(contentType: string): "cbor" | "msgpack" | "json" | undefined {
  if (/\bcbor\b/i.test(contentType)) return "cbor";
  if (/msgpack|messagepack/i.test(contentType)) return "msgpack";
  return /\bjson\b/i.test(contentType) ? "json" : undefined;
}

/** A lone byte is a valid value of both formats, so only maps and arrays count as a sign. */
function binaryCandidates([first = 0]: Uint8Array): ("cbor" | "msgpack")[] {
  const isCbor = first >= 0x80 && first <= 0xdb;
  const isMsgpack = (first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf);
  return [...(isCbor ? (["cbor"] as const) : []), ...(isMsgpack ? (["msgpack"] as const) : [])];
}

function resetDecoder(): void {
  try {
    utf8.decode();
  } catch {
    // half a character was left, as expected
  }
}

/** Tags that nobody has asked for are shown with their number instead of refused. */
const EVERY_TAG = new Proxy<Record<number, (decode: () => unknown) => CborTag>>(
  {},
  { get: (_, tag) => (decode: () => unknown) => new CborTag(Number(tag), decode()), has: () => true },
);
