/** `-d` as mosquitto's tools write it, on stdout: a line for each packet, as far as the commands know of them. */
import type { CommandTrace, SentMessage } from "../commands/command-trace.js";
import type { MosquittoTool } from "./mosquitto-command.js";

export function mosquittoTrace(
  tool: MosquittoTool,
  clientIdentifier: string | undefined,
  version: 3 | 4 | 5,
  write: (line: string) => void,
): CommandTrace {
  let name = clientIdentifier || "(null)";
  const say = (line: string): void => write(`Client ${name} ${line}`);
  const sent = (number: number, { topic, qos, retain, payload }: SentMessage): void =>
    say(`sending PUBLISH (d0, q${qos}, r${retain ? 1 : 0}, m${number}, '${topic}', ... (${payload.length} bytes))`);
  const code = (reasonCode: number): string => (version === 5 ? `, RC:${reasonCode}` : ", RC:0");
  return {
    connecting: () => say("sending CONNECT"),
    connected: (identifier, wasAssigned) => {
      if (wasAssigned) name = identifier;
      say("received CONNACK (0)");
    },
    lost: () => {},
    reconnected: () => {
      say("sending CONNECT");
      say("received CONNACK (0)");
    },
    problem: () => {},
    publishing: sent,
    published: (number, { qos }, reasonCode) => {
      if (qos === 1) say(`received PUBACK (Mid: ${number}${code(reasonCode)})`);
      if (qos !== 2) return;
      say(`received PUBREC (Mid: ${number})`);
      say(`sending PUBREL (m${number})`);
      say(`received PUBCOMP (Mid: ${number}${code(reasonCode)})`);
    },
    subscribing: (number, filters, qos, options) => {
      const text = `0x${options.toString(16).padStart(2, "0")}`;
      for (const filter of filters) {
        say(`sending SUBSCRIBE (Mid: ${number}, Topic: ${filter}, QoS: ${qos}, Options: ${text})`);
      }
    },
    subscribed: (number, granted) => {
      say("received SUBACK");
      if (tool === "mosquitto_sub") write(`Subscribed (mid: ${number}): ${granted.join(", ")}`);
    },
    unsubscribing: (number, filters) => {
      for (const filter of filters) say(`sending UNSUBSCRIBE (Mid: ${number}, Topic: ${filter})`);
    },
    unsubscribed: () => say("received UNSUBACK"),
    received: ({ topic, qos, retain, dup, packetIdentifier, payload }) => {
      const flags = `d${dup ? 1 : 0}, q${qos}, r${retain ? 1 : 0}, m${packetIdentifier}`;
      say(`received PUBLISH (${flags}, '${topic}', ... (${payload.length} bytes))`);
      if (qos === 1) say(`sending PUBACK (m${packetIdentifier}, rc0)`);
      if (qos !== 2) return;
      say(`sending PUBREC (m${packetIdentifier}, rc0)`);
      say(`received PUBREL (Mid: ${packetIdentifier})`);
      say(`sending PUBCOMP (m${packetIdentifier})`);
    },
    disconnecting: () => {
      if (tool !== "mosquitto_rr") say("sending DISCONNECT");
    },
  };
}
