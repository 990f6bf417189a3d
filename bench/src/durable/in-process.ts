/**
 * What storing costs without a network: a hand-written append log, the store alone, and the broker core with the store, in
 * this process. Every message is on the disk before it is acknowledged.
 */
import { join } from "node:path";
import { Broker } from "@tidings/broker";
import { encodePacket, PacketType } from "@tidings/packet";
import { type KeyValueSessionStore, openLmdbSessionStore } from "@tidings/store-lmdb";
import { AppendLog } from "./append-log.js";
import { CoreClient } from "./core-client.js";
import { keepInFlight } from "./keep-in-flight.js";
import { delivery, message, PAYLOAD, session } from "./store-records.js";

/** Messages acknowledged each second; `directory` is for this measurement alone. */
export type Measurement = (directory: string, inFlight: number, seconds: number) => Promise<number>;

const openStore = (directory: string): Promise<KeyValueSessionStore> =>
  openLmdbSessionStore({ directory: join(directory, "store") });

export const measureLog: Measurement = (directory, inFlight, seconds) => {
  const log = new AppendLog(join(directory, "log"));
  let durable = 0;
  log.onDurable = (upTo) => {
    durable = upTo;
  };
  const begin = (count: number): void => {
    for (let i = 0; i < count; i++) log.append(PAYLOAD);
  };
  return keepInFlight(
    inFlight,
    seconds,
    begin,
    () => log.seal(),
    () => durable,
  );
};

/** A message is acknowledged when it is durable; its receiver acknowledges it a thousand later. */
export const measureStore: Measurement = async (directory, inFlight, seconds) => {
  const store = await openStore(directory);
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
    seconds,
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
};

/** QoS 1 from one client to another one with a session that lasts. */
export const measureBroker: Measurement = async (directory, inFlight, seconds) => {
  const store = await openStore(directory);
  const broker = new Broker({ store, receiveMaximum: 2048, queuedMessagesMax: 100_000 });
  await broker.recover(Date.now());
  const receiver = new CoreClient(broker, "receiver");
  const publisher = new CoreClient(broker, "publisher");
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
    seconds,
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
};

/** One message after the other to 1,000 sessions without a connection; deliveries each second. */
export const measureOffline: Measurement = async (directory, inFlight, seconds) => {
  const store = await openStore(directory);
  for (let i = 0; i < 1000; i++) store.putSession(session(`client-${i}`));
  let messages = 0;
  let acknowledged = 0;
  const tickets: { ticket: number; upTo: number }[] = [];
  store.onDurable = (upTo) => {
    while (tickets.length > 0 && tickets[0].ticket <= upTo) acknowledged = tickets.shift()?.upTo ?? 0;
  };
  const perSecond = await keepInFlight(
    inFlight,
    seconds,
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
};
