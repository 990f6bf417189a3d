/** How `sub` and `rr` show a message: a format, JSON lines, or the topic and the payload. */
import { decodePayload, jsonReplacer, type PayloadDecoding, payloadText } from "../payload/decode-payload.js";
import { coloredPayload } from "./colored-payload.js";
import type { Colors } from "./colors.js";
import { formatMessage, type MessagePayloadError, parseMessageFormat } from "./message-format.js";
import type { ReceivedMessage } from "./received-message.js";

export interface MessageOutput {
  /** mosquitto_sub's `-F`. Throws `MessageFormatError` when it is wrong. */
  readonly format?: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly newline: boolean;
  readonly pretty: boolean;
  /** Undefined: payloads go out byte by byte. */
  readonly decoding?: PayloadDecoding;
}

export type MessageWriter = (message: ReceivedMessage) => string | Uint8Array;

/** `isTerminal`: for eyes, in colours and never with bytes that a terminal would obey. */
export function messageWriter(
  output: MessageOutput,
  colors: Colors,
  isTerminal: boolean,
  onProblem: (error: MessagePayloadError) => void,
): MessageWriter {
  const { format, json, verbose, newline, pretty, decoding } = output;
  const end = newline ? "\n" : "";
  if (format !== undefined) {
    const parts = parseMessageFormat(format, pretty);
    return (message) => Buffer.concat([formatMessage(parts, message, onProblem), Buffer.from(end)]);
  }
  if (json) return (message) => `${JSON.stringify(jsonRecord(message, decoding), jsonReplacer)}\n`;
  if (isTerminal) {
    return ({ topic, payload, retain }) => {
      const text = coloredPayload(harmless(payloadText(payload, decoding ?? "text", pretty)), colors);
      return `${colors.cyan(harmless(topic))} ${text}${retain ? colors.dim(" (retained)") : ""}${end}`;
    };
  }
  return ({ topic, payload }) => {
    const start = verbose ? `${topic} ` : "";
    if (decoding !== undefined) return `${start}${payloadText(payload, decoding, pretty)}${end}`;
    return Buffer.concat([Buffer.from(start), payload, Buffer.from(end)]);
  };
}

/** The line of `--json`. Bytes that are no text come as base64. */
function jsonRecord(message: ReceivedMessage, decoding: PayloadDecoding = "text"): Record<string, unknown> {
  const { topic, qos, retain, properties = {}, receivedAt } = message;
  const time = new Date(receivedAt.date.getTime() + receivedAt.nanoseconds / 1e6).toISOString();
  const decoded = decodePayload(message.payload, decoding);
  const payload =
    decoded.kind === "bytes"
      ? { payloadBase64: decoded.bytes }
      : { payload: decoded.kind === "text" ? decoded.text : decoded.value };
  const hasProperties = Object.keys(properties).length > 0;
  return { time, topic, qos, retain, ...payload, ...(hasProperties && { properties }) };
}

/** Control characters could move the cursor or worse; line ends and tabs may stay. */
export function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
