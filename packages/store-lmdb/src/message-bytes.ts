/** An Application Message as it lies in frames and in rows of retained messages. */
import type { QoS } from "@tidings/packet";
import type { StoredMessage } from "@tidings/session";
import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";

const QOS = 3;
const PUBLISHER = 4;
const EXPIRES = 8;

export function writeMessage(writer: ByteWriter, message: StoredMessage): void {
  const { topicName, payload, properties, qos, expiresAtMs, publisherIdentifier } = message;
  const expires = expiresAtMs !== Number.POSITIVE_INFINITY;
  writer.uint8(qos | (publisherIdentifier === undefined ? 0 : PUBLISHER) | (expires ? EXPIRES : 0));
  writer.text(topicName);
  if (publisherIdentifier !== undefined) writer.text(publisherIdentifier);
  if (expires) writer.float64(expiresAtMs);
  writer.block(properties);
  writer.block(payload);
}

/** Passes over a message. */
export function skipMessage(reader: ByteReader): void {
  const flags = reader.uint8();
  reader.skip();
  if (flags & PUBLISHER) reader.skip();
  if (flags & EXPIRES) reader.float64();
  reader.skip();
  reader.skip();
}

/** Payload and properties are views of the reader's bytes. */
export function readMessage(reader: ByteReader): StoredMessage {
  const flags = reader.uint8();
  const topicName = reader.text();
  const publisherIdentifier = flags & PUBLISHER ? reader.text() : undefined;
  const expiresAtMs = flags & EXPIRES ? reader.float64() : Number.POSITIVE_INFINITY;
  const properties = reader.block();
  const payload = reader.block();
  return { topicName, payload, properties, qos: (flags & QOS) as QoS, expiresAtMs, publisherIdentifier };
}
