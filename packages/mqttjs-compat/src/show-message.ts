/** A received message in MQTT.js's form. */
import type { Message } from "@tidings/client";
import type { IPublishPacket } from "./packets.js";
import { payloadBytes } from "./payload-bytes.js";
import { toTheirs } from "./properties.js";

/** The payload is the message's own. */
export function showMessage(message: Message): IPublishPacket {
  const { topic, payload, qos, retain, dup, packetIdentifier } = message;
  const packet: IPublishPacket = { cmd: "publish", topic, payload: payloadBytes(payload), qos, retain, dup };
  if (qos > 0) packet.messageId = packetIdentifier;
  const properties = toTheirs(message.properties);
  if (properties !== undefined) packet.properties = properties;
  return packet;
}
