/**
 * Puts one PUBLISH for one receiver into its outbound buffer: a copy of a shared frame with a few bytes patched, or,
 * where the receiver has properties of its own (Subscription Identifiers, Topic Alias), an encoding of its own.
 */
import { type QoS, variableByteIntegerLength, writeVariableByteInteger } from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { Connection } from "./connection.js";
import { isBehind, unmountMessage } from "./mount-point.js";
import { REFERENCED_PAYLOAD_BYTES_MIN } from "./outbound-buffer.js";

const SUBSCRIPTION_IDENTIFIER = 0x0b;
const TOPIC_ALIAS = 0x23;
const TOPIC_ALIAS_PROPERTY_BYTES = 3;

/**
 * False: larger than the receiver's Maximum Packet Size; nothing was written [MQTT-3.1.2-24] [MQTT-3.1.2-25]. What lies
 * outside the receiver's mount point is not written either, and that is as it should be.
 */
export function writePublish(
  connection: Connection,
  message: ApplicationMessage,
  qos: QoS,
  retain: boolean,
  dup: boolean,
  packetIdentifier: number,
  subscriptionIdentifiers: readonly number[] | undefined,
): boolean {
  const version5 = connection.protocolVersion === 5;
  const firstByte = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  if (connection.encodesAlone || (version5 && subscriptionIdentifiers !== undefined)) {
    const { mountPoint } = connection;
    if (mountPoint !== undefined) {
      if (!isBehind(mountPoint, message.topicName)) return true;
      message = unmountMessage(mountPoint, message);
    }
    if (version5) return writeOwnEncoding(connection, message, firstByte, packetIdentifier, subscriptionIdentifiers);
  }
  const frame = message.frame(version5, qos > 0);
  const size = frame.headEnd - frame.start + message.payloadBytes;
  if (size > connection.maximumPacketSize) return false;
  const { outbound } = connection;
  const referenced = message.payloadBytes >= REFERENCED_PAYLOAD_BYTES_MIN;
  if (referenced) message.own(); // moves the frame's bytes, so before they are read
  const copied = referenced ? frame.headEnd - frame.start : size;
  const target = outbound.reserve(copied);
  const at = outbound.length;
  frame.copyTo(target, at, copied);
  target[at] = firstByte;
  if (packetIdentifier > 0) {
    const identifierAt = at + frame.identifierOffset - frame.start;
    target[identifierAt] = packetIdentifier >> 8;
    target[identifierAt + 1] = packetIdentifier & 0xff;
  }
  if (frame.messageExpiryOffset >= 0) {
    const seconds = message.remainingSeconds(connection.broker.nowMs);
    writeUint32(seconds, target, at + frame.messageExpiryOffset - frame.start);
  }
  outbound.commit(at + copied);
  if (referenced) outbound.writeReferenced(message.payload);
  connection.broker.counters.sent.add(firstByte, size);
  return true;
}

/** Bytes of the PUBLISH that `writePublish` would make, with the full topic and no alias: it is left out where it costs. */
export function publishLength(
  connection: Connection,
  message: ApplicationMessage,
  qos: QoS,
  subscriptionIdentifiers: readonly number[] | undefined,
): number {
  if (connection.mountPoint !== undefined) message = unmountMessage(connection.mountPoint, message);
  if (connection.protocolVersion !== 5) {
    const frame = message.frame(false, qos > 0);
    return frame.headEnd - frame.start + message.payloadBytes;
  }
  const properties = message.propertiesLength + identifiersLength(subscriptionIdentifiers);
  const remaining = remainingLength(message.topicLength, qos > 0, properties, message.payloadBytes);
  return 1 + variableByteIntegerLength(remaining) + remaining;
}

function writeOwnEncoding(
  connection: Connection,
  message: ApplicationMessage,
  firstByte: number,
  packetIdentifier: number,
  subscriptionIdentifiers: readonly number[] | undefined,
): boolean {
  const { outbound, outboundAliases } = connection;
  let alias = 0;
  let topicKnown = false;
  if (outboundAliases !== undefined && message.topicLength > TOPIC_ALIAS_PROPERTY_BYTES) {
    alias = outboundAliases.find(message.topicName);
    topicKnown = alias > 0;
    if (!topicKnown) alias = outboundAliases.propose(message.topicName);
  }
  const { payloadBytes } = message;
  const identified = packetIdentifier > 0;
  const withoutAlias = message.propertiesLength + identifiersLength(subscriptionIdentifiers);
  let properties = withoutAlias + (alias > 0 ? TOPIC_ALIAS_PROPERTY_BYTES : 0);
  let remaining = remainingLength(topicKnown ? 0 : message.topicLength, identified, properties, payloadBytes);
  let size = 1 + variableByteIntegerLength(remaining) + remaining;
  if (size > connection.maximumPacketSize && alias > 0 && !topicKnown) {
    // Better without announcing an alias than not at all.
    alias = 0;
    properties = withoutAlias;
    remaining = remainingLength(message.topicLength, identified, properties, payloadBytes);
    size = 1 + variableByteIntegerLength(remaining) + remaining;
  }
  if (size > connection.maximumPacketSize) return false;
  const referenced = payloadBytes >= REFERENCED_PAYLOAD_BYTES_MIN;
  if (referenced) message.own();
  const target = outbound.reserve(referenced ? size - payloadBytes : size);
  let at = outbound.length;
  target[at] = firstByte;
  at = writeVariableByteInteger(remaining, target, at + 1);
  if (topicKnown) {
    target[at++] = 0;
    target[at++] = 0;
  } else {
    at = message.writeTopic(target, at);
  }
  if (packetIdentifier > 0) {
    target[at++] = packetIdentifier >> 8;
    target[at++] = packetIdentifier & 0xff;
  }
  at = writeVariableByteInteger(properties, target, at);
  if (alias > 0) {
    target[at++] = TOPIC_ALIAS;
    target[at++] = alias >> 8;
    target[at++] = alias & 0xff;
  }
  if (subscriptionIdentifiers !== undefined) {
    for (const identifier of subscriptionIdentifiers) {
      target[at++] = SUBSCRIPTION_IDENTIFIER;
      at = writeVariableByteInteger(identifier, target, at);
    }
  }
  if (message.messageExpiryAt >= 0) {
    const seconds = message.remainingSeconds(connection.broker.nowMs);
    const expiryAt = at + message.messageExpiryAt;
    at = message.writeProperties(target, at);
    writeUint32(seconds, target, expiryAt);
  } else {
    at = message.writeProperties(target, at);
  }
  if (!referenced) at = message.writePayload(target, at);
  outbound.commit(at);
  if (referenced) outbound.writeReferenced(message.payload);
  if (alias > 0 && !topicKnown) outboundAliases?.assign(message.topicName, alias);
  connection.broker.counters.sent.add(firstByte, size);
  return true;
}

function remainingLength(topicLength: number, identified: boolean, properties: number, payloadBytes: number): number {
  return 2 + topicLength + (identified ? 2 : 0) + variableByteIntegerLength(properties) + properties + payloadBytes;
}

function identifiersLength(subscriptionIdentifiers: readonly number[] | undefined): number {
  if (subscriptionIdentifiers === undefined) return 0;
  let length = 0;
  for (const identifier of subscriptionIdentifiers) length += 1 + variableByteIntegerLength(identifier);
  return length;
}

function writeUint32(value: number, target: Uint8Array, at: number): void {
  target[at] = value >>> 24;
  target[at + 1] = (value >>> 16) & 0xff;
  target[at + 2] = (value >>> 8) & 0xff;
  target[at + 3] = value & 0xff;
}
