/**
 * A message as the host process gives it to `Broker.publish`.
 */
import { PacketType, type PublishPacket, type QoS } from "@tidings/packet";
import type { PublishChange } from "./hooks.js";

export interface HostMessage {
  topicName: string;
  /** A string is sent as UTF-8. */
  payload: Uint8Array | string;
  /** Default 0. */
  qos?: QoS;
  /** Default false. */
  retain?: boolean;
  properties?: PublishChange["properties"];
}

export function packetOf(message: HostMessage): PublishPacket {
  const { topicName, payload, qos = 0, retain = false, properties } = message;
  return {
    type: PacketType.PUBLISH,
    dup: false,
    qos,
    retain,
    topicName,
    packetIdentifier: qos === 0 ? undefined : 1,
    payload: typeof payload === "string" ? new TextEncoder().encode(payload) : payload,
    properties,
  };
}
