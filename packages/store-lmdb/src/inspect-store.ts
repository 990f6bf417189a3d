/**
 * Looks into the store of a directory, whether a broker works on it or not: objects that are plain data, for a command
 * that prints them. What is read is the state of one moment.
 */
import { existsSync, renameSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { StoredMessage } from "@tidings/session";
import { isLocked, lockDirectory, requestOfHolder } from "./directory-lock.js";
import { FORMAT_VERSION } from "./format-version.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { metaKey } from "./keys.js";
import { copyCompact, lmdbDriver } from "./lmdb-driver.js";
import { loadState } from "./load-state.js";
import { decodeMetaRow, MetaName } from "./meta-row.js";
import { openLmdbSessionStore } from "./open-lmdb-session-store.js";
import { isReadable } from "./probe-file.js";
import { compactPath, dataPath, leaveCleanMark } from "./store-directory.js";
import { StoreError } from "./store-error.js";
import { visitState } from "./visit-state.js";

export interface StoreStats {
  readonly directory: string;
  /** A process works on it. */
  readonly inUse: boolean;
  readonly format: number;
  readonly fileBytes: number;
  readonly sessions: number;
  readonly subscriptions: number;
  /** Queued or in flight, for all sessions. */
  readonly deliveries: number;
  readonly inboundIdentifiers: number;
  readonly retainedMessages: number;
  readonly frames: number;
  readonly frameBytes: number;
  /** Of these, bytes that are still needed. */
  readonly liveFrameBytes: number;
}

/** Counts what the store holds. */
export function storeStats(directory: string): Promise<StoreStats> {
  return withDriver(directory, async (driver, path) => {
    const state = await loadState(driver, { onDamage: () => {} });
    const count = { sessions: 0, subscriptions: 0, deliveries: 0, inboundIdentifiers: 0, retainedMessages: 0 };
    await visitState(
      driver,
      state,
      {
        session: () => void (count.sessions += 1),
        subscription: () => void (count.subscriptions += 1),
        delivery: () => void (count.deliveries += 1),
        inbound: () => void (count.inboundIdentifiers += 1),
        retained: () => void (count.retainedMessages += 1),
      },
      undefined,
      () => {},
    );
    const { size: frames, bytes: frameBytes, liveBytes: liveFrameBytes } = state.frames;
    const inUse = await isLocked(resolve(directory));
    const fileBytes = statSync(path).size;
    const format = formatOf(driver);
    return { directory: resolve(directory), inUse, format, fileBytes, ...count, frames, frameBytes, liveFrameBytes };
  });
}

/** Calls `print` with each thing that the store holds; bytes as base64. */
export function dumpStore(directory: string, print: (entry: object) => void): Promise<void> {
  return withDriver(directory, async (driver) => {
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const state = await loadState(driver, { onDamage: ({ message }) => print({ type: "problem", message }) });
    const asText = ({ payload, properties, expiresAtMs, ...rest }: StoredMessage) => ({
      ...rest,
      // JSON has no Infinity.
      expiresAtMs: expiresAtMs === Number.POSITIVE_INFINITY ? undefined : expiresAtMs,
      properties: base64(properties),
      payload: base64(payload),
    });
    await visitState(
      driver,
      state,
      {
        session: ({ will, ...session }, nextDeliveryNumber) =>
          print({
            type: "session",
            ...session,
            will: will && { ...will, packet: base64(will.packet) },
            nextDeliveryNumber,
          }),
        subscription: (clientIdentifier, subscription) =>
          print({ type: "subscription", clientIdentifier, ...subscription }),
        inbound: (clientIdentifier, packetIdentifier) => print({ type: "inbound", clientIdentifier, packetIdentifier }),
        delivery: (clientIdentifier, { message, ...delivery }) =>
          print({ type: "delivery", clientIdentifier, ...delivery, message: asText(message) }),
        retained: (message, messageNumber) => print({ type: "retained", messageNumber, ...asText(message) }),
      },
      undefined,
      ({ message }) => print({ type: "problem", message }),
    );
  });
}

/** Reads and checks everything. Calls `print` with each problem; resolves with their number. */
export async function verifyStore(directory: string, print: (problem: string) => void): Promise<number> {
  const path = existingPath(directory);
  let problems = 0;
  const report = (problem: string): void => {
    problems += 1;
    print(problem);
  };
  if (!(await isReadable(path))) {
    report("the file cannot be read to its end");
    return problems;
  }
  await withDriver(directory, async (driver) => {
    const onDamage = ({ message }: Error): void => report(message);
    const state = await loadState(driver, { onDamage });
    const nothing = (): void => {};
    const visitor = { session: nothing, subscription: nothing, delivery: nothing, inbound: nothing, retained: nothing };
    await visitState(driver, state, visitor, undefined, onDamage);
  });
  return problems;
}

/** Makes the file as small as it can be. A broker that works on it is asked to do so. */
export async function compactStore(directory: string): Promise<{ bytesBefore: number; bytesAfter: number }> {
  const path = existingPath(directory);
  const done = await requestOfHolder(resolve(directory), "compact");
  if (done !== undefined) return done as { bytesBefore: number; bytesAfter: number };
  const bytesBefore = statSync(path).size;
  const store = await openLmdbSessionStore({ directory });
  await store.compactAll();
  await store.close();
  const lock = await lockDirectory(directory);
  try {
    const copy = compactPath(path);
    await copyCompact(path, copy);
    renameSync(copy, path);
    leaveCleanMark(resolve(directory));
  } finally {
    await lock.release();
  }
  return { bytesBefore, bytesAfter: statSync(path).size };
}

async function withDriver<T>(
  directory: string,
  task: (driver: KeyValueDriver, path: string) => Promise<T>,
): Promise<T> {
  const path = existingPath(directory);
  const driver = lmdbDriver(path, { readOnly: true });
  try {
    const format = formatOf(driver);
    if (format > FORMAT_VERSION) {
      throw new StoreError("TIDINGS_STORE_FORMAT", `The store in ${directory} has the unknown format ${format}.`);
    }
    return await task(driver, path);
  } finally {
    await driver.close();
  }
}

function existingPath(directory: string): string {
  const path = dataPath(resolve(directory));
  if (existsSync(path)) return path;
  throw new StoreError("TIDINGS_STORE_DIRECTORY", `There is no store in ${resolve(directory)}.`);
}

function formatOf(driver: KeyValueDriver): number {
  const row = driver.get(metaKey(MetaName.Format));
  return row === undefined ? 0 : decodeMetaRow(row);
}
