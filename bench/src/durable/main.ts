/**
 * `pnpm bench:durable`: what durability costs, without a network: a hand-written append log, the store alone, and the
 * broker core with the store, in one process each time. Every message is on the disk before it is acknowledged.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Broker, type ConnectionHost } from "@tidings/broker";
import { encodePacket, FrameDecoder, PacketType } from "@tidings/packet";
import type { StorableMessage } from "@tidings/session";
import { type KeyValueSessionStore, openLmdbSessionStore } from "@tidings/store-lmdb";
import { AppendLog } from "./append-log.js";

const PAYLOAD = new Uint8Array(256).map((_, i) => i);
const SECONDS = Number(process.argv[2] ?? 3);
const IN_FLIGHT = [1, 32, 256, 1024];
const PUBLISH_AT_ONCE = 64;

const directory = mkdtempSync(join(tmpdir(), "tidings-bench-"));
const rows: Record<string, string | number>[] = [];

/** Keeps so many under way for some seconds; `begin` starts some and answers at once, `turn` ends the turn. */
async function keepInFlight(
  inFlight: number,
  begin: (count: number) => void,
  turn: () => void,
  acknowledged: () => number,
): Promise<number> {
  let begun = 0;
  const startMs = performance.now();
  const warmMs = startMs + 500;
  const endMs = warmMs + SECONDS * 1000;
  let measuredFrom = -1;
  let nowMs = startMs;
  for (; nowMs < endMs; nowMs = performance.now()) {
    if (measuredFrom < 0 && nowMs >= warmMs) measuredFrom = acknowledged();
    const count = Math.min(PUBLISH_AT_ONCE, inFlight - (begun - acknowledged()));
    if (count > 0) begin(count);
    begun += Math.max(0, count);
    turn();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Math.round((acknowledged() - measuredFrom) / ((nowMs - warmMs) / 1000));
}

function measureLog(inFlight: number): Promise<number> {
  const log = new AppendLog(join(directory, `log-${inFlight}`));
  let durable = 0;
  log.onDurable = (upTo) => {
    durable = upTo;
  };
  const begin = (count: number): void => {
    for (let i = 0; i < count; i++) log.append(PAYLOAD);
  };
  return keepInFlight(
    inFlight,
    begin,
    () => log.seal(),
    () => durable,
  );
}

function openStore(name: string): Promise<KeyValueSessionStore> {
  return openLmdbSessionStore({ directory: join(directory, name) });
}

function message(topicName: string): StorableMessage {
  return {
    messageNumber: 0,
    stored: () => ({
      topicName,
      payload: PAYLOAD,
      properties: new Uint8Array(),
      qos: 1,
      expiresAtMs: Number.POSITIVE_INFINITY,
      publisherIdentifier: "publisher",
    }),
  };
}

const session = (clientIdentifier: string) => ({
  clientIdentifier,
  sessionExpiryInterval: 3600,
  disconnectedAtMs: undefined,
  userName: undefined,
  will: undefined,
});

const delivery = (deliveryNumber: number) => ({
  deliveryNumber,
  qos: 1 as const,
  retain: false,
  subscriptionIdentifiers: undefined,
  sharedFilter: undefined,
});

/** A message is acknowledged when it is durable; its receiver acknowledges it a thousand later. */
async function measureStore(inFlight: number): Promise<number> {
  const store = await openStore(`store-${inFlight}`);
  store.putSession(session("receiver"));
  store.seal();
  let told = 0;
  let acknowledged = 0;
  const tickets: { ticket: number; upTo: number }[] = [];
  store.onDurable = (upTo) => {
    while (tickets.length > 0 && tickets[0].ticket <= upTo) acknowledged = tickets.shift()?.upTo ?? 0;
  };
  const perSecond = await keepInFlight(
    inFlight,
    (count) => {
      for (let i = 0; i < count; i++) {
        store.enqueue("receiver", delivery(++told), message("bench/in"));
        store.sent("receiver", told, 1 + (told % 65_000));
        if (told > 1000) store.done("receiver", told - 1000);
      }
    },
    () => {
      if (tickets.at(-1)?.upTo !== told) tickets.push({ ticket: store.seal(), upTo: told });
    },
    () => acknowledged,
  );
  await store.close();
  return perSecond;
}

/** A connection without a network: what the broker writes is counted, and answered when it is a PUBLISH. */
class Client implements ConnectionHost {
  acknowledged = 0;
  private answers: Uint8Array[] = [];
  private readonly connection;
  private readonly decoder = new FrameDecoder({
    onFrame: (bytes, start, bodyStart) => this.onFrame(bytes, start, bodyStart),
    onFrameError: (error) => {
      throw error;
    },
  });
  private wants = false;

  constructor(broker: Broker, clientIdentifier: string) {
    const connection = broker.accept(this, Date.now());
    if (connection === undefined) throw new Error("not accepted");
    this.connection = connection;
    this.send(
      encodePacket(
        { type: PacketType.CONNECT, protocolVersion: 4, clientIdentifier, cleanStart: false, keepAlive: 0 },
        4,
      ),
    );
  }

  send(bytes: Uint8Array): void {
    this.connection.receive(bytes, 0, bytes.length, Date.now());
  }

  /** Hands over what the broker wrote, and sends the answers. */
  turn(): void {
    if (this.wants) {
      this.wants = false;
      this.connection.flush();
    }
    if (this.answers.length === 0) return;
    const bytes = Buffer.concat(this.answers);
    this.answers = [];
    this.send(bytes);
  }

  wantsFlush(): void {
    this.wants = true;
  }

  write(bytes: Uint8Array): boolean {
    this.decoder.push(bytes, 0, bytes.length);
    return true;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) this.write(part);
    return true;
  }

  wantsClose(): void {
    throw new Error("closed");
  }

  wantsPause(): void {}

  private onFrame(bytes: Uint8Array, start: number, bodyStart: number): void {
    const type = bytes[start] >> 4;
    if (type === PacketType.PUBACK) this.acknowledged += 1;
    if (type !== PacketType.PUBLISH) return;
    const topicBytes = (bytes[bodyStart] << 8) | bytes[bodyStart + 1];
    const at = bodyStart + 2 + topicBytes;
    this.answers.push(Uint8Array.of(PacketType.PUBACK << 4, 2, bytes[at], bytes[at + 1]));
  }
}

/** QoS 1 from one client to another one with a session that lasts. */
async function measureBroker(inFlight: number): Promise<number> {
  const store = await openStore(`broker-${inFlight}`);
  const broker = new Broker({ store, receiveMaximum: 2048, queuedMessagesMax: 100_000 });
  await broker.recover(Date.now());
  const receiver = new Client(broker, "receiver");
  const publisher = new Client(broker, "publisher");
  const turn = (): void => {
    broker.endTurn();
    receiver.turn();
    publisher.turn();
  };
  const untilDurable = async (): Promise<void> => {
    for (turn(); store.durableUpTo < store.currentTicket; turn()) await new Promise((resolve) => setImmediate(resolve));
    turn();
  };
  await untilDurable();
  const options = { qos: 1 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
  receiver.send(
    encodePacket(
      { type: PacketType.SUBSCRIBE, packetIdentifier: 1, subscriptions: [{ topicFilter: "bench/in", ...options }] },
      4,
    ),
  );
  await untilDurable();
  let told = 0;
  const perSecond = await keepInFlight(
    inFlight,
    (count) => {
      for (let i = 0; i < count; i++) {
        const packetIdentifier = 1 + (told++ % 65_000);
        publisher.send(
          encodePacket(
            {
              type: PacketType.PUBLISH,
              dup: false,
              qos: 1,
              retain: false,
              topicName: "bench/in",
              packetIdentifier,
              payload: PAYLOAD,
            },
            4,
          ),
        );
      }
    },
    turn,
    () => publisher.acknowledged,
  );
  await store.close();
  return perSecond;
}

async function measureOffline(): Promise<number> {
  const store = await openStore("offline");
  for (let i = 0; i < 1000; i++) store.putSession(session(`client-${i}`));
  let messages = 0;
  let acknowledged = 0;
  const tickets: { ticket: number; upTo: number }[] = [];
  store.onDurable = (upTo) => {
    while (tickets.length > 0 && tickets[0].ticket <= upTo) acknowledged = tickets.shift()?.upTo ?? 0;
  };
  const perSecond = await keepInFlight(
    256,
    (count) => {
      for (let i = 0; i < count; i++) {
        messages += 1;
        const one = message("bench/all");
        for (let client = 0; client < 1000; client++) store.enqueue(`client-${client}`, delivery(messages), one);
      }
    },
    () => {
      if (tickets.at(-1)?.upTo !== messages) tickets.push({ ticket: store.seal(), upTo: messages });
    },
    () => acknowledged,
  );
  await store.close();
  return perSecond * 1000;
}

/** How long a broker takes to go on with what it kept. */
async function measureStart(retained: number, sessions: number): Promise<Record<string, string | number>[]> {
  const store = await openStore("start");
  const untilDurable = async (): Promise<void> => {
    const ticket = store.seal();
    while (store.durableUpTo < ticket) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let i = 0; i < sessions; i++) {
    store.putSession(session(`client-${i}`));
    store.putSubscription(`client-${i}`, {
      topicFilter: `devices/${i}/#`,
      qos: 1,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
      subscriptionIdentifier: 0,
    });
    if (i % 1000 === 999) await untilDurable();
  }
  for (let i = 0; i < retained; i++) {
    const topicName = `devices/${i % sessions}/${Math.floor(i / sessions)}`;
    store.setRetained(topicName, message(topicName));
    if (i % 1000 === 999) await untilDurable();
  }
  await untilDurable();
  await store.close();
  const startMs = performance.now();
  const next = await openStore("start");
  const openedMs = performance.now();
  const broker = new Broker({ store: next, retainedMessagesMax: retained, retainedBytesMax: 2 ** 32 });
  await broker.recover(Date.now());
  const endMs = performance.now();
  if (broker.retainedMessageCount !== retained || broker.sessionCount !== sessions)
    throw new Error("something is lost");
  await next.close();
  const what = `start with ${retained} retained messages and ${sessions} sessions`;
  return [
    { what: `${what}: read and check`, seconds: ((openedMs - startMs) / 1000).toFixed(2) },
    { what: `${what}: recover`, seconds: ((endMs - openedMs) / 1000).toFixed(2) },
  ];
}

try {
  for (const inFlight of IN_FLIGHT) {
    rows.push({ what: `append log, ${inFlight} in flight`, "per second": await measureLog(inFlight) });
    rows.push({ what: `store, ${inFlight} in flight`, "per second": await measureStore(inFlight) });
    rows.push({ what: `broker core and store, ${inFlight} in flight`, "per second": await measureBroker(inFlight) });
  }
  rows.push({ what: "1 message to 1,000 offline sessions, deliveries", "per second": await measureOffline() });
  rows.push(...(await measureStart(1_000_000, 100_000)));
  console.table(rows);
} finally {
  rmSync(directory, { recursive: true });
}
