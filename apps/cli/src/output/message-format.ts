/**
 * mosquitto_sub's `-F`: a format with percent sequences for the message, `@` for the time and backslash escapes, parsed
 * once and then applied to each message. Widths and precisions do what they do there, oddities included.
 */
import { type JsonMembers, writeJson, writePrettyJson } from "./json-text.js";
import { messageJson } from "./message-json.js";
import type { ReceivedMessage } from "./received-message.js";
import { strftime } from "./strftime.js";

/** `message` is one line, mosquitto's. */
export class MessageFormatError extends Error {}

/** The payload cannot be what the format wants. */
export class MessagePayloadError extends Error {}

interface Field {
  readonly align: "left" | "right";
  readonly fill: "0" | " ";
  readonly width: number;
  readonly precision: number | undefined;
}

export type FormatPart = string | ((message: ReceivedMessage) => string | Uint8Array);

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  0: "\0",
  a: "\x07",
  e: "\x1b",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Throws `MessageFormatError`. `pretty` is for `%j` and `%J`. */
export function parseMessageFormat(format: string, pretty = false): FormatPart[] {
  const parts: FormatPart[] = [];
  const characters = [...format];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index];
    if (character === "%") {
      const { field, next } = parseField(characters, index + 1);
      parts.push(conversion(letterAt(characters, next), field, pretty));
      index = next;
    } else if (character === "@") {
      parts.push(timeConversion(letterAt(characters, ++index)));
    } else if (character === "\\") {
      parts.push(escapeOf(letterAt(characters, ++index)));
    } else {
      parts.push(character);
    }
  }
  return parts;
}

/** Bytes, because payloads need not be text. What a payload cannot be is left out and told to `onProblem`. */
export function formatMessage(
  parts: readonly FormatPart[],
  message: ReceivedMessage,
  onProblem: (error: MessagePayloadError) => void,
): Buffer {
  const pieces = parts.map((part) => {
    if (typeof part === "string") return part;
    try {
      return part(message);
    } catch (error) {
      if (!(error instanceof MessagePayloadError)) throw error;
      onProblem(error);
      return "";
    }
  });
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}

function letterAt(characters: readonly string[], index: number): string {
  if (index >= characters.length) throw new MessageFormatError("Error: Incomplete format specifier.");
  return characters[index];
}

function escapeOf(letter: string): string {
  if (Object.hasOwn(ESCAPES, letter)) return ESCAPES[letter];
  throw new MessageFormatError(`Error: Invalid escape specifier '${letter}'.`);
}

/** A minus, then a zero, then digits, then a point and digits; each may be missing. */
function parseField(characters: readonly string[], start: number): { field: Field; next: number } {
  let next = start;
  const takes = (wanted: string): boolean => characters[next] === wanted && ++next > 0;
  const digits = (): string => {
    const from = next;
    while (/^\d$/.test(characters[next] ?? "")) next += 1;
    return characters.slice(from, next).join("");
  };
  const align = takes("-") ? "left" : "right";
  const fill = takes("0") ? "0" : " ";
  const width = Number(digits());
  const precision = takes(".") ? Number(digits()) : undefined;
  return { field: { align, fill, width, precision }, next };
}

function conversion(letter: string, field: Field, pretty: boolean): FormatPart {
  switch (letter) {
    case "%":
      return "%";
    case "A":
      return ({ properties }) => padNumber(properties?.topicAlias, field);
    case "C":
      return ({ properties }) => properties?.contentType ?? "";
    case "D":
      return ({ properties }) => properties?.correlationData ?? "";
    case "E":
      return ({ properties }) => padNumber(properties?.messageExpiryInterval, field);
    case "F":
      return ({ properties }) => String(properties?.payloadFormatIndicator ?? "");
    case "I":
      return ({ receivedAt }) => padText(strftime("%Y-%m-%dT%H:%M:%S%z", receivedAt.date), field);
    case "j":
      return (message) => jsonText(messageJson(message, false), message, pretty);
    case "J":
      return (message) => jsonText(messageJson(message, true), message, pretty);
    case "l":
      return ({ payload }) => padNumber(payload.length, field);
    case "m":
      return ({ packetIdentifier }) => padNumber(packetIdentifier ?? 0, field);
    case "p":
      return ({ payload }) => padBytes(payload, field);
    case "P":
      return ({ properties }) =>
        (properties?.userProperties ?? []).map(([name, value]) => `${name}:${value}`).join(" ");
    case "q":
      return ({ qos }) => String(qos);
    case "r":
      return ({ retain }) => (retain ? "1" : "0");
    case "R":
      return ({ properties }) => properties?.responseTopic ?? "";
    case "S":
      return ({ properties }) => padNumber(properties?.subscriptionIdentifiers?.[0], field);
    case "t":
      return ({ topic }) => padText(topic, field);
    case "U":
      return ({ receivedAt }) =>
        `${strftime("%s", receivedAt.date)}.${String(receivedAt.nanoseconds).padStart(9, "0")}`;
    case "x":
      return ({ payload }) => hexText(payload, field);
    case "X":
      return ({ payload }) => hexText(payload, field).toUpperCase();
  }
  throw new MessageFormatError(`Error: Invalid format specifier '${letter}'.`);
}

function timeConversion(letter: string): FormatPart {
  if (letter === "@") return "@";
  if (letter === "N") return ({ receivedAt }) => String(receivedAt.nanoseconds).padStart(9, "0");
  return ({ receivedAt }) => strftime(`%${letter}`, receivedAt.date);
}

function jsonText(json: JsonMembers | undefined, { topic }: ReceivedMessage, pretty: boolean): string {
  if (json === undefined) {
    throw new MessagePayloadError(`Error: Message payload is not valid JSON on topic ${topic}.`);
  }
  return pretty ? writePrettyJson(json) : writeJson(json);
}

function padNumber(value: number | undefined, { align, fill, width }: Field): string {
  const text = value === undefined ? "" : String(value);
  return align === "left" ? text.padEnd(width) : text.padStart(width, fill);
}

/** Zeros do not go before text. */
function padText(text: string, { align, width, precision }: Field): string {
  const cut = text.slice(0, precision ?? text.length);
  return align === "left" ? cut.padEnd(width) : cut.padStart(width);
}

/** A width cuts as well. */
function padBytes(payload: Uint8Array, { align, fill, width }: Field): Uint8Array {
  if (width === 0) return payload;
  if (payload.length >= width) return payload.subarray(0, width);
  const padding = Buffer.alloc(width - payload.length, align === "left" ? " " : fill);
  return Buffer.concat(align === "left" ? [payload, padding] : [padding, payload]);
}

/** A width cuts to whole bytes; the length of the payload counts as one too, as if its bytes were digits. */
function hexText(payload: Uint8Array, { align, fill, width }: Field): string {
  const hex = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("hex");
  if (width === 0) return hex;
  const cut = hex.slice(0, 2 * Math.floor(Math.min(width, payload.length) / 2));
  return align === "left" ? cut.padEnd(width) : cut.padStart(width, fill);
}
