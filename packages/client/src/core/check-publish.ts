/**
 * What a PUBLISH may not be, found out before it is sent: by the rules of MQTT (section 3.3), and by what the server said
 * in CONNACK (section 3.2.2.3).
 */
import { clientPacketLength, EncodeError, PacketType, ReasonCode } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import { ClientError } from "./client-error.js";
import type { PublishProperties } from "./outgoing-message.js";
import type { ServerInfo } from "./server-info.js";

/** The parts that are checked. */
export interface PublishParts {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
}

const NO_BYTES = new Uint8Array(0);

/** Undefined when MQTT allows it. */
export function checkPublish({ topicName, payload, qos, properties }: PublishParts): ClientError | undefined {
  if (typeof topicName !== "string" || !isTopicName(topicName)) return invalidTopic(topicName);
  if (!(payload instanceof Uint8Array)) return invalid("the payload is no string and no Uint8Array");
  if (qos !== 0 && qos !== 1 && qos !== 2) return invalid(`QoS is ${qos}, not 0, 1 or 2`); // [MQTT-3.3.1-4]
  if (properties === undefined) return undefined;
  if ("subscriptionIdentifiers" in properties || "topicAlias" in properties) {
    return invalid("a publisher sets no Subscription Identifiers and no Topic Alias"); // [MQTT-3.3.4-6]
  }
  try {
    const packet = { dup: false, qos: 0, retain: false, topicName: "t", payload: NO_BYTES, properties } as const;
    clientPacketLength({ type: PacketType.PUBLISH, ...packet }, 5);
  } catch (error) {
    return invalid((error as Error).message, error);
  }
  return undefined;
}

/** Undefined when the server offers what the message needs [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15]. */
export function checkOffered(parts: PublishParts, server: ServerInfo): ClientError | undefined {
  const { qos, retain, topicName, payload } = parts;
  if (qos > server.maximumQoS) {
    return notOffered(`QoS ${qos}`, ReasonCode.QoSNotSupported);
  }
  if (retain && !server.retainAvailable) {
    return notOffered("retained messages", ReasonCode.RetainNotSupported);
  }
  const { maximumPacketSize } = server;
  if (maximumPacketSize === Number.POSITIVE_INFINITY) return undefined;
  const { properties } = parts;
  if (properties === undefined && payload.length + topicName.length * 3 + 16 <= maximumPacketSize) return undefined;
  const size = publishLength(parts, server);
  if (size <= maximumPacketSize) return undefined;
  return tooLarge(`The message to ${topicName}`, size, maximumPacketSize);
}

export function tooLarge(what: string, size: number, maximumPacketSize: number): ClientError {
  const message = `${what} takes ${size} bytes; the server accepts packets of ${maximumPacketSize} at most.`;
  return new ClientError("TIDINGS_CLIENT_PACKET_TOO_LARGE", message, { reasonCode: ReasonCode.PacketTooLarge });
}

function publishLength({ topicName, payload, qos, properties }: PublishParts, server: ServerInfo): number {
  const packet = { dup: false, qos: 0, retain: false, topicName, payload, properties } as const;
  const version = server.protocolVersion;
  const plain = version === 5 ? packet : { ...packet, properties: undefined };
  return clientPacketLength({ type: PacketType.PUBLISH, ...plain }, version) + (qos === 0 ? 0 : 2);
}

export function notOffered(what: string, reasonCode: number): ClientError {
  return new ClientError("TIDINGS_CLIENT_NOT_SUPPORTED", `The server does not offer ${what}.`, { reasonCode });
}

export function invalid(what: string, cause?: unknown): ClientError {
  const error = cause instanceof EncodeError || cause === undefined ? cause : undefined;
  return new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", `Not sent: ${what}.`, { cause: error });
}

function invalidTopic(topicName: unknown): ClientError {
  return invalid(`${JSON.stringify(topicName)} is no Topic Name`);
}
