/**
 * Power cuts under the real LMDB. After each write that LMDB calls flushed, the file is read as it is then: nothing was
 * written since, because the store waits for one write before it begins the next. So an image holds what the operating
 * system had been given by then, and a machine that loses its power before the next flush finds this image with any of the
 * pages of the unfinished write in it, in any choice, but for the two meta pages, which LMDB writes when the others are
 * flushed. From each such disk a broker must begin with all that was acknowledged.
 *
 * This proves that no acknowledgement rests on a write that was not yet answered, and that unfinished writes do no harm to
 * what was there. It does not prove that LMDB asks the operating system to flush, nor that the disk obeys: for that one
 * has to pull the plug.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BrokerHarness, type TestClient } from "@tidings/broker/testing";
import { PacketType, type QoS } from "@tidings/packet";
import { KeyValueSessionStore, lmdbDriver, loadState } from "@tidings/store-lmdb";
import { afterAll, expect, test } from "vitest";
import { Random } from "./random.js";

const PAGE_BYTES = 4096;
const META_PAGES = 2;
const TURNS = process.env.TIDINGS_DEEP === "1" ? 400 : 40;

const directory = mkdtempSync(join(tmpdir(), "tidings-power-cut-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(directory, `${++files}.mdb`);

interface Image {
  readonly bytes: Buffer;
  /** Payloads that were acknowledged before the next image. */
  acknowledged: ReadonlySet<string>;
  /** The last of them that was retained. */
  retained: string | undefined;
}

/** A disk after a power cut: the pages of one image, and any of those that the next write would have changed. */
function torn(before: Buffer, after: Buffer, random: Random): Buffer {
  const bytes = Buffer.alloc(Math.max(before.length, after.length));
  before.copy(bytes);
  const share = random.pick([0.1, 0.5, 0.9, 1]);
  for (let page = META_PAGES; page * PAGE_BYTES < after.length; page++) {
    if (random.chance(share)) after.copy(bytes, page * PAGE_BYTES, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  }
  return bytes;
}

async function storeOn(path: string): Promise<KeyValueSessionStore> {
  const driver = lmdbDriver(path);
  return new KeyValueSessionStore(driver, await loadState(driver), { pendingRetainedMax: 3, deadBytesMax: 10_000 });
}

/** Publishes turn by turn to a session that is away, and takes an image behind each flush. */
async function record(random: Random): Promise<Image[]> {
  const images: Image[] = [];
  const acknowledged = new Set<string>();
  let retained: string | undefined;
  let publisher: TestClient | undefined;
  const waiting = new Map<number, string>();
  const collect = (): void => {
    for (const packet of publisher?.take() ?? []) {
      if (packet.type === PacketType.PUBREC) {
        publisher?.acknowledge(PacketType.PUBREL, packet.packetIdentifier);
      }
      if (packet.type !== PacketType.PUBACK && packet.type !== PacketType.PUBREC) continue;
      const payload = waiting.get(packet.packetIdentifier) as string;
      acknowledged.add(payload);
      if (payload.startsWith("retained")) retained = payload;
    }
  };
  const path = newPath();
  const driver = lmdbDriver(path);
  const write = driver.write.bind(driver);
  driver.write = async (changes) => {
    await write(changes);
    collect();
    const last = images.at(-1);
    if (last !== undefined) {
      last.acknowledged = new Set(acknowledged);
      last.retained = retained;
    }
    images.push({ bytes: readFileSync(path), acknowledged: new Set(), retained: undefined });
  };
  const store = new KeyValueSessionStore(driver, await loadState(driver), {
    pendingRetainedMax: 3,
    deadBytesMax: 10_000,
  });
  const harness = new BrokerHarness({ store, queuedMessagesMax: 100_000, receiveMaximum: 65_535 });
  const turn = async (): Promise<void> => {
    harness.endTurn();
    await new Promise((resolve) => setImmediate(resolve));
    harness.endTurn();
  };
  const untilDurable = async (): Promise<void> => {
    do await turn();
    while (store.backlogBytes > 0 || store.durableUpTo < store.currentTicket);
    await turn();
  };
  const away = harness.connect({ clientIdentifier: "away", properties: { sessionExpiryInterval: 1_000_000 } });
  await untilDurable();
  away.subscribe("#", { qos: 2 });
  await untilDurable();
  away.disconnect();
  await untilDurable();
  publisher = harness.connect({
    clientIdentifier: "publisher",
    properties: { sessionExpiryInterval: 1_000_000 },
  });
  await untilDurable();
  let number = 0;
  for (let i = 0; i < TURNS; i++) {
    for (let count = random.between(1, 20); count > 0; count--) {
      const retain = random.chance(0.2);
      const payload = `${retain ? "retained" : "live"} ${++number} ${"x".repeat(random.pick([0, 10, 3000]))}`;
      const packetIdentifier = publisher.packetIdentifier();
      waiting.set(packetIdentifier, payload);
      // One QoS for what is retained: only this is ordered.
      const qos: QoS = retain ? 1 : random.pick([1, 2] as const);
      publisher.publish(retain ? "r" : `t/${number % 3}`, payload, { qos, retain, packetIdentifier });
    }
    // Sometimes there is more before the last is durable, sometimes there is not.
    if (random.chance(0.5)) await untilDurable();
    else await turn();
  }
  await untilDurable();
  collect();
  await store.close();
  return images.slice(0, -1);
}

/** What a broker that begins on this disk holds for the session that was away, and retains. */
async function found(bytes: Buffer): Promise<{ payloads: ReadonlySet<string>; retained: string | undefined }> {
  const path = newPath();
  writeFileSync(path, bytes);
  const store = await storeOn(path);
  const harness = new BrokerHarness({ store });
  await harness.broker.recover(harness.nowMs);
  const { queue } = harness.broker.sessions.get("away")!.outbound;
  const payloads = new Set<string>();
  for (let delivery = queue.shift(); delivery !== undefined; delivery = queue.shift()) {
    payloads.add(Buffer.from(delivery.message.payload).toString());
  }
  const kept = harness.broker.retainedMessage("r")?.payload;
  await store.close();
  rmSync(path);
  return { payloads, retained: kept === undefined ? undefined : Buffer.from(kept).toString() };
}

const numberOf = (payload: string | undefined): number => Number(payload?.split(" ")[1] ?? 0);

test("whatever a power cut leaves of an unfinished write, all that was acknowledged is there", async () => {
  const random = new Random(1);
  const images = (await record(random)).filter(({ acknowledged }) => acknowledged.size > 0);
  expect(images.length).toBeGreaterThan(TURNS / 2);
  let checked = 0;
  for (let i = 0; i + 1 < images.length; i += random.between(1, 3)) {
    const { bytes, acknowledged, retained } = images[i];
    for (const disk of [bytes, torn(bytes, images[i + 1].bytes, random)]) {
      const { payloads, retained: kept } = await found(disk);
      expect([...acknowledged].filter((payload) => !payloads.has(payload))).toEqual([]);
      expect(numberOf(kept)).toBeGreaterThanOrEqual(numberOf(retained));
      checked += acknowledged.size;
    }
  }
  expect(checked).toBeGreaterThan(1000);
}, 600_000);

test("an image of before a flush does not hold all that is acknowledged behind it", async () => {
  const images = (await record(new Random(2))).filter(({ acknowledged }) => acknowledged.size > 0);
  let missing = 0;
  for (let i = images.length - 2; i >= 0 && missing === 0; i--) {
    const { payloads } = await found(images[i].bytes);
    missing = [...images[i + 1].acknowledged].filter((payload) => !payloads.has(payload)).length;
  }
  expect(missing).toBeGreaterThan(0);
}, 600_000);
