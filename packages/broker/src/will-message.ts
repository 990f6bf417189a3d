/**
 * The Will Message of a session (MQTT 5.0 section 3.1.2.5), kept as the PUBLISH that it will become.
 */
import { encodePacket, PacketType, type Will } from "@tidings/packet";
import type { Session } from "./session.js";

export interface WillMessage {
  /** An encoded 5.0 PUBLISH; its Message Expiry Interval counts from publication. */
  readonly packet: Uint8Array;
  /** Seconds between the end of the connection and the publication, unless the session ends first. */
  readonly delayInterval: number;
}

/** Copies what CONNECT carried. */
export function willMessageFrom(will: Will): WillMessage {
  const { willDelayInterval, ...properties } = will.properties ?? {};
  const packet = encodePacket(
    {
      type: PacketType.PUBLISH,
      dup: false,
      qos: will.qos,
      retain: will.retain,
      topicName: will.topic,
      packetIdentifier: will.qos === 0 ? undefined : 1,
      payload: will.payload,
      properties,
    },
    5,
  );
  return { packet, delayInterval: willDelayInterval ?? 0 };
}

/** Publishes the session's will, once [MQTT-3.1.2-8] [MQTT-3.1.2-10]. */
export function publishWill(session: Session): void {
  const { will } = session;
  if (will === undefined) return;
  session.will = undefined;
  session.broker.publishPacket(will.packet, session.clientIdentifier, true);
}
