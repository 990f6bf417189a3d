/**
 * The keys: a byte for the table, then what the row is about. Numbers are big-endian, so that rows come in their order.
 */
import { createHash } from "node:crypto";

export const Table = {
  /** Frames of messages, by the number of their first record. */
  Frames: 0x46,
  /** Cursors, by session number: which deliveries are done, which are sent. */
  Cursors: 0x43,
  /** Sessions, by Client Identifier. */
  Sessions: 0x53,
  /** Subscriptions, by session number and Topic Filter. */
  Subscriptions: 0x42,
  /** Retained messages, by Topic Name. */
  Retained: 0x52,
  /** Single values, by name. */
  Meta: 0x4d,
} as const;
export type Table = (typeof Table)[keyof typeof Table];

/** Longer names are replaced by a hash in the key; the row has the name. */
const NAME_BYTES_MAX = 500;
/** Begins no UTF-8. */
const HASHED = 0xff;
/** Bytes of a number. */
const NUMBER_BYTES = 6;

export function frameKey(firstNumber: number): Uint8Array {
  return numberKey(Table.Frames, firstNumber);
}

export function cursorKey(sessionNumber: number): Uint8Array {
  return numberKey(Table.Cursors, sessionNumber);
}

export function sessionKey(clientIdentifier: string): Uint8Array {
  return nameKey(Table.Sessions, clientIdentifier);
}

export function subscriptionKey(sessionNumber: number, topicFilter: string): Uint8Array {
  const name = nameKey(Table.Subscriptions, topicFilter);
  const key = Buffer.allocUnsafe(name.length + NUMBER_BYTES);
  key[0] = Table.Subscriptions;
  key.writeUIntBE(sessionNumber, 1, NUMBER_BYTES);
  key.set(name.subarray(1), 1 + NUMBER_BYTES);
  return key;
}

export function retainedKey(topicName: string): Uint8Array {
  return nameKey(Table.Retained, topicName);
}

export function metaKey(name: string): Uint8Array {
  return nameKey(Table.Meta, name);
}

/** The number behind the table byte. */
export function numberInKey(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(1, NUMBER_BYTES);
}

/** Where a table begins and where the next one does. */
export function tableRange(table: Table): [from: Uint8Array, to: Uint8Array] {
  return [Uint8Array.of(table), Uint8Array.of(table + 1)];
}

/** The first key that can come behind this one. */
export function keyBehind(key: Uint8Array): Uint8Array {
  const behind = new Uint8Array(key.length + 1);
  behind.set(key);
  return behind;
}

function numberKey(table: Table, value: number): Buffer {
  const key = Buffer.allocUnsafe(1 + NUMBER_BYTES);
  key[0] = table;
  key.writeUIntBE(value, 1, NUMBER_BYTES);
  return key;
}

function nameKey(table: Table, name: string): Buffer {
  const length = Buffer.byteLength(name);
  if (length <= NAME_BYTES_MAX) {
    const key = Buffer.allocUnsafe(1 + length);
    key[0] = table;
    key.write(name, 1);
    return key;
  }
  const hash = createHash("sha256").update(name).digest();
  return Buffer.concat([Uint8Array.of(table, HASHED), hash]);
}
