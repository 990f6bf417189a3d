/**
 * Retained messages of an earlier life, as bytes, until somebody wants one: a broker may start with a million, and a
 * million objects cost more time than to read them. And how what a store kept becomes an Application Message again.
 */
import {
  PacketType,
  type QoS,
  readUtf8,
  utf8Length,
  variableByteIntegerLength,
  writeUtf8,
  writeVariableByteInteger,
} from "@tidings/packet";
import type { StoredMessage } from "@tidings/session";
import { type ApplicationMessage, MESSAGE_OVERHEAD_BYTES } from "./application-message.js";
import type { Broker } from "./broker.js";
import { allocateOwnBytes, copyBytes } from "./copy-bytes.js";
import { ANY_LEVELS } from "./route-cache.js";

/** Messages that came one after the other share memory; a larger one has its own. */
const SLAB_BYTES = 64 * 1024;

// Where the parts of a record begin.
const NUMBER = 0;
const EXPIRES = 8;
const TOPIC_BYTES = 16;
const PUBLISHER_BYTES = 20;
const PROPERTIES_BYTES = 24;
const PAYLOAD_BYTES = 28;
const QOS = 32;
const TOPIC = 33;
/** In place of the length: the host process published it. */
const NO_PUBLISHER = 0xffff_ffff;

/** Records of messages, one behind the other. */
export class MessageSlab {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private end = 0;

  private constructor(
    private readonly broker: Broker,
    size: number,
  ) {
    this.bytes = allocateOwnBytes(size);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset);
  }

  /** `slab`, or another one if it has no room for the message. */
  static for(broker: Broker, stored: StoredMessage, slab: MessageSlab | undefined): MessageSlab {
    const { topicName, publisherIdentifier = "", properties, payload } = stored;
    const names = 3 * (topicName.length + publisherIdentifier.length); // UTF-8 needs no more
    const size = TOPIC + names + properties.length + payload.length;
    if (slab !== undefined && slab.end + size <= slab.bytes.length) return slab;
    return new MessageSlab(broker, Math.max(size, SLAB_BYTES));
  }

  /** Answers with where the message is. */
  add(stored: StoredMessage, messageNumber: number): number {
    const { bytes, view, end: start } = this;
    const { topicName, publisherIdentifier, properties, payload } = stored;
    view.setFloat64(start + NUMBER, messageNumber);
    view.setFloat64(start + EXPIRES, stored.expiresAtMs);
    view.setUint32(start + PROPERTIES_BYTES, properties.length);
    view.setUint32(start + PAYLOAD_BYTES, payload.length);
    bytes[start + QOS] = stored.qos;
    let at = writeUtf8(topicName, bytes, start + TOPIC);
    view.setUint32(start + TOPIC_BYTES, at - start - TOPIC);
    if (publisherIdentifier === undefined) view.setUint32(start + PUBLISHER_BYTES, NO_PUBLISHER);
    else {
      const behind = writeUtf8(publisherIdentifier, bytes, at);
      view.setUint32(start + PUBLISHER_BYTES, behind - at);
      at = behind;
    }
    at = copyBytes(properties, 0, properties.length, bytes, at);
    this.end = copyBytes(payload, 0, payload.length, bytes, at);
    return start;
  }

  topicNameAt(start: number): string {
    return readUtf8(this.bytes, start + TOPIC, start + TOPIC + this.view.getUint32(start + TOPIC_BYTES));
  }

  sizeBytesAt(start: number): number {
    const { view } = this;
    const content = view.getUint32(start + PROPERTIES_BYTES) + view.getUint32(start + PAYLOAD_BYTES);
    return view.getUint32(start + TOPIC_BYTES) + content + MESSAGE_OVERHEAD_BYTES;
  }

  /** The message with bytes of its own. */
  messageAt(start: number): ApplicationMessage {
    const { bytes, view } = this;
    const publisherStart = start + TOPIC + view.getUint32(start + TOPIC_BYTES);
    const publisherBytes = view.getUint32(start + PUBLISHER_BYTES);
    const hasPublisher = publisherBytes !== NO_PUBLISHER;
    const propertiesStart = publisherStart + (hasPublisher ? publisherBytes : 0);
    const payloadStart = propertiesStart + view.getUint32(start + PROPERTIES_BYTES);
    const stored: StoredMessage = {
      topicName: this.topicNameAt(start),
      publisherIdentifier: hasPublisher ? readUtf8(bytes, publisherStart, propertiesStart) : undefined,
      properties: bytes.subarray(propertiesStart, payloadStart),
      payload: bytes.subarray(payloadStart, payloadStart + view.getUint32(start + PAYLOAD_BYTES)),
      qos: bytes[start + QOS] as QoS,
      expiresAtMs: view.getFloat64(start + EXPIRES),
    };
    return messageFromStore(this.broker, stored, view.getFloat64(start + NUMBER), true);
  }
}

/** What `ApplicationMessage.sizeBytes` would be. */
export function storedSizeBytes({ topicName, properties, payload }: StoredMessage): number {
  return utf8Length(topicName) + properties.length + payload.length + MESSAGE_OVERHEAD_BYTES;
}

/** The stored parts as a 5.0 PUBLISH again, read the way every other is. They are copied. */
export function messageFromStore(
  broker: Broker,
  stored: StoredMessage,
  messageNumber: number,
  retain: boolean,
): ApplicationMessage {
  const { topicName, payload, properties, qos } = stored;
  const topicBytes = utf8Length(topicName);
  const remaining =
    2 +
    topicBytes +
    (qos > 0 ? 2 : 0) +
    variableByteIntegerLength(properties.length) +
    properties.length +
    payload.length;
  const packet = new Uint8Array(1 + variableByteIntegerLength(remaining) + remaining);
  packet[0] = (PacketType.PUBLISH << 4) | (qos << 1) | (retain ? 1 : 0);
  let at = writeVariableByteInteger(remaining, packet, 1);
  packet[at++] = topicBytes >> 8;
  packet[at++] = topicBytes & 0xff;
  at = writeUtf8(topicName, packet, at);
  if (qos > 0) {
    packet[at++] = 0;
    packet[at++] = 1;
  }
  at = writeVariableByteInteger(properties.length, packet, at);
  packet.set(properties, at);
  packet.set(payload, at + properties.length);
  const message = broker.readMessage(packet, stored.publisherIdentifier, stored.expiresAtMs, ANY_LEVELS);
  message.messageNumber = messageNumber;
  return message;
}
