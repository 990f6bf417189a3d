/** What mosquitto_sub and mosquitto_rr print for a message. */
import { formatMessage, type MessagePayloadError, parseMessageFormat } from "../output/message-format.js";
import type { ReceivedMessage } from "../output/received-message.js";
import type { MosquittoOutput } from "./mosquitto-command.js";

export function mosquittoMessageWriter(
  { format, pretty, verbose, newline }: MosquittoOutput,
  onProblem: (error: MessagePayloadError) => void,
) {
  const end = Buffer.from(newline ? "\n" : "");
  if (format !== undefined) {
    const parts = parseMessageFormat(format, pretty);
    return (message: ReceivedMessage): Uint8Array => Buffer.concat([formatMessage(parts, message, onProblem), end]);
  }
  return ({ topic, payload }: ReceivedMessage): Uint8Array => {
    if (payload.length > 0) return Buffer.concat([verbose ? Buffer.from(`${topic} `) : Buffer.alloc(0), payload, end]);
    // An empty message shows in the verbose form only, and only with line ends.
    return verbose && newline ? Buffer.from(`${topic} (null)\n`) : Buffer.alloc(0);
  };
}
