/**
 * What a frame is made of: records, each with its length, its CRC-32, its number and, behind what it says, the
 * deliveries that it is for.
 *
 *     length u32 | crc u32 | kind u8 | number, less the frame's | … | session, delivery number, flags, …  | …
 */
import type { QoS } from "@tidings/packet";
import type { StoredDelivery, StoredMessage } from "@tidings/session";
import { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { crc32 } from "./crc32.js";
import { readMessage, skipMessage, writeMessage } from "./message-bytes.js";
import { damaged } from "./store-error.js";

/** Length and CRC. */
const RECORD_HEADER_BYTES = 8;

export const RecordKind = {
  /** A message, and the deliveries queued together with it. */
  Message: 1,
  /** The same, and it is the retained message of its topic from here on. */
  RetainedMessage: 2,
  /** A message under a number that it had before, when its frame was already gone: of a retained message. */
  MessageAgain: 3,
  /** Deliveries of a message in an earlier record. */
  Reference: 4,
  /** The message of an earlier record is the retained one of its topic from here on. */
  Retain: 5,
  /** The topic has no retained message from here on. */
  Clear: 6,
} as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

export interface FrameRecord {
  readonly kind: RecordKind;
  readonly number: number;
  /** The message that it holds or refers to; 0 for Clear. */
  readonly messageNumber: number;
  /** Where the message begins, for kinds that hold one. */
  readonly messageStart: number;
  /** For Retain and Clear. */
  readonly topicName: string;
  /** Where in the frame it lies, header included. */
  readonly start: number;
  readonly end: number;
  /** Behind its number. */
  readonly restStart: number;
  /** Behind the header, and behind what comes before the deliveries. */
  readonly targetsStart: number;
}

/** A delivery and the session it is for. */
export interface FrameTarget extends StoredDelivery {
  readonly sessionNumber: number;
}

export function holdsMessage(kind: RecordKind): boolean {
  return kind <= RecordKind.MessageAgain;
}

export function isRetained(kind: RecordKind): boolean {
  return kind === RecordKind.RetainedMessage || kind >= RecordKind.Retain;
}

const TARGET_QOS = 3;
const TARGET_RETAIN = 4;
const TARGET_IDENTIFIERS = 8;
const TARGET_SHARED = 16;

export function writeRecordStart(
  writer: ByteWriter,
  kind: RecordKind,
  numberInFrame: number,
  messageNumber: number,
  content: StoredMessage | string | undefined,
): void {
  writer.uint32(0);
  writer.uint32(0);
  writer.uint8(kind);
  writer.varint(numberInFrame);
  if (refersByNumber(kind)) writer.varint(messageNumber);
  if (typeof content === "string") writer.text(content);
  else if (content !== undefined) writeMessage(writer, content);
}

export function writeTarget(writer: ByteWriter, sessionNumber: number, delivery: StoredDelivery): void {
  const { deliveryNumber, qos, retain, subscriptionIdentifiers, sharedFilter } = delivery;
  writer.varint(sessionNumber);
  writer.varint(deliveryNumber);
  writer.uint8(
    qos |
      (retain ? TARGET_RETAIN : 0) |
      (subscriptionIdentifiers === undefined ? 0 : TARGET_IDENTIFIERS) |
      (sharedFilter === undefined ? 0 : TARGET_SHARED),
  );
  if (subscriptionIdentifiers !== undefined) {
    writer.varint(subscriptionIdentifiers.length);
    for (const identifier of subscriptionIdentifiers) writer.varint(identifier);
  }
  if (sharedFilter !== undefined) writer.text(sharedFilter);
}

/** Fills in the header of the record between `start` and the writer's end. */
export function writeRecordEnd(writer: ByteWriter, start: number): void {
  const { bytes, length } = writer;
  const body = start + RECORD_HEADER_BYTES;
  bytes.writeUInt32LE(length - body, start);
  bytes.writeUInt32LE(crc32(bytes.subarray(body, length)), start + 4);
}

/** Copies a record of one frame into another one, which begins with the number `firstNumber`. */
export function writeMovedRecord(
  writer: ByteWriter,
  frame: Uint8Array,
  { kind, number, end, restStart }: FrameRecord,
  firstNumber: number,
): void {
  const movedStart = writer.length;
  writer.uint32(0);
  writer.uint32(0);
  writer.uint8(kind);
  writer.varint(number - firstNumber);
  writer.raw(frame.subarray(restStart, end));
  writeRecordEnd(writer, movedStart);
}

/** Walks through the records of a frame. Throws at the first that is not as it was written; `isChecked`: all are. */
export function* recordsOf(frame: Uint8Array, firstNumber: number, isChecked = false): IterableIterator<FrameRecord> {
  let start = 0;
  while (start < frame.length) {
    const reader = new ByteReader(frame, start);
    const length = reader.uint32();
    const crc = reader.uint32();
    const body = reader.position;
    const end = body + length;
    if (end > frame.length) throw damaged("a record is longer than its frame");
    if (!isChecked && crc32(frame.subarray(body, end)) !== crc)
      throw damaged("a record is not as it was written (CRC)");
    yield readRecord(new ByteReader(frame, body, end), start, firstNumber);
    start = end;
  }
}

function readRecord(reader: ByteReader, start: number, firstNumber: number): FrameRecord {
  const kind = reader.uint8() as RecordKind;
  if (kind < RecordKind.Message || kind > RecordKind.Clear) throw damaged(`a record is of the unknown kind ${kind}`);
  const number = firstNumber + reader.varint();
  const restStart = reader.position;
  const messageNumber = refersByNumber(kind) ? reader.varint() : kind === RecordKind.Clear ? 0 : number;
  const messageStart = reader.position;
  let topicName = "";
  if (kind >= RecordKind.Retain) topicName = reader.text();
  else if (holdsMessage(kind)) skipMessage(reader);
  const targetsStart = reader.position;
  return { kind, number, messageNumber, messageStart, topicName, start, end: reader.end, restStart, targetsStart };
}

/** The message of a record that holds one, with views of the frame's bytes. */
export function messageIn(frame: Uint8Array, record: FrameRecord): StoredMessage {
  return readMessage(new ByteReader(frame, record.messageStart, record.end));
}

/** The deliveries of a record. */
export function* targetsIn(frame: Uint8Array, record: FrameRecord): IterableIterator<FrameTarget> {
  const reader = new ByteReader(frame, record.targetsStart, record.end);
  while (!reader.isAtEnd) {
    const sessionNumber = reader.varint();
    const deliveryNumber = reader.varint();
    const flags = reader.uint8();
    let subscriptionIdentifiers: number[] | undefined;
    if (flags & TARGET_IDENTIFIERS) {
      subscriptionIdentifiers = [];
      for (let count = reader.varint(); count > 0; count--) subscriptionIdentifiers.push(reader.varint());
    }
    const sharedFilter = flags & TARGET_SHARED ? reader.text() : undefined;
    yield {
      sessionNumber,
      deliveryNumber,
      qos: (flags & TARGET_QOS) as QoS,
      retain: (flags & TARGET_RETAIN) !== 0,
      subscriptionIdentifiers,
      sharedFilter,
    };
  }
}

function refersByNumber(kind: RecordKind): boolean {
  return kind >= RecordKind.MessageAgain && kind <= RecordKind.Retain;
}
