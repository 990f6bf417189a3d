/**
 * `node --expose-gc queue-million.ts DIR MESSAGES`: that many messages for a session without a connection, a restart, and
 * the session takes them all; as JSON. The heap is what is in use behind a full collection.
 */
import { Broker } from "@tidings/broker";
import { encodePacket, PacketType } from "@tidings/packet";
import { openLmdbSessionStore } from "@tidings/store-lmdb";
import { CoreClient } from "./core-client.js";
import { PAYLOAD } from "./store-records.js";

const [directory, messages] = [process.argv[2], Number(process.argv[3])];
const limits = { queuedMessagesMax: 2 * messages, queuedBytesMax: 2 ** 40, receiveMaximum: 2048 };
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function start() {
  const store = await openLmdbSessionStore({ directory });
  const broker = new Broker({ ...limits, store });
  await broker.recover(Date.now());
  const turn = async (...clients: CoreClient[]): Promise<void> => {
    broker.endTurn();
    for (const client of clients) client.turn();
    await nextTurn();
  };
  const untilDurable = async (...clients: CoreClient[]): Promise<void> => {
    do await turn(...clients);
    while (store.durableUpTo < store.currentTicket);
    await turn(...clients);
  };
  return { store, broker, turn, untilDurable };
}

function heapMiB(): number {
  (globalThis as unknown as { gc: () => void }).gc();
  return process.memoryUsage().heapUsed / 1_048_576;
}

const first = await start();
const subscriber = new CoreClient(first.broker, "receiver");
await first.untilDurable(subscriber);
const options = { qos: 1 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
const subscriptions = [{ topicFilter: "bench/in", ...options }];
subscriber.send(encodePacket({ type: PacketType.SUBSCRIBE, packetIdentifier: 1, subscriptions }, 4));
await first.untilDurable(subscriber);
subscriber.close();
const publisher = new CoreClient(first.broker, "publisher");
await first.untilDurable(publisher);
const emptyMiB = heapMiB();
const queueBeganMs = performance.now();
for (let sent = 0; publisher.acknowledged < messages; ) {
  for (let i = 0; i < 64 && sent < messages && sent - publisher.acknowledged < 1024; i++) {
    const packetIdentifier = 1 + (sent++ % 65_000);
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
  await first.turn(publisher);
}
const queueSeconds = (performance.now() - queueBeganMs) / 1000;
const queuedMiB = heapMiB();
await first.store.close();

const restartBeganMs = performance.now();
const second = await start();
const restartSeconds = (performance.now() - restartBeganMs) / 1000;
const restartedMiB = heapMiB();
const receiver = new CoreClient(second.broker, "receiver");
const drainBeganMs = performance.now();
let peakMiB = 0;
let longestTurnMs = 0;
for (let turns = 0; receiver.deliveries < messages; turns++) {
  const beganMs = performance.now();
  await second.turn(receiver);
  longestTurnMs = Math.max(longestTurnMs, performance.now() - beganMs);
  if (turns % 2000 === 0) peakMiB = Math.max(peakMiB, heapMiB());
}
const drainSeconds = (performance.now() - drainBeganMs) / 1000;
await second.store.close();
console.log(
  JSON.stringify({
    emptyMiB,
    queuedMiB,
    restartedMiB,
    peakMiB,
    queueSeconds,
    restartSeconds,
    drainSeconds,
    longestTurnMs,
  }),
);
