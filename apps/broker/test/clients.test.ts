/** Real clients, each on both sides of the broker: every version, every way of delivery. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ClientKind,
  describeClient,
  type Message,
  type QoS,
  VERSIONS,
  type Version,
} from "./clients/client-kind.js";
import { CLIENT_KINDS } from "./clients/index.js";
import { openPaho, paho } from "./clients/paho.js";
import { endPrograms } from "./program.js";
import { type RunningBroker, startBroker } from "./start-broker.js";

let broker: RunningBroker;

beforeAll(async () => {
  broker = await startBroker(["--log-level", "debug"]);
});
afterAll(endPrograms);

let topics = 0;
/** A topic that no other test uses. */
const newTopic = (): string => `test/${(topics += 1)}`;

const message = (topic: string, payload: string, qos: QoS = 0, retain = false): Message => ({
  topic,
  payload: Buffer.from(payload),
  qos,
  retain,
});

/** What a message is to the person who reads the test. */
const line = ({ payload, qos, retain }: Message): string => `${payload} qos ${qos}${retain ? " retained" : ""}`;

/** Numbers of the statements that a test proves: of 3.1.1 and of 5.0. */
function named(version: Version, of311: string, of5: string, title: string): string {
  const ids = version === 3 ? "" : version === 4 ? of311 : of5;
  return `${ids} ${title}`.trim();
}

function suite(kind: ClientKind, version: Version): void {
  let clients = 0;
  /** Short enough for 3.1. */
  const newId = (): string => `${kind.id}-${version}-${(clients += 1)}`;
  const open = (options: Partial<Parameters<ClientKind["open"]>[1]> = {}) =>
    kind.open(broker, { version, clientId: newId(), ...options });

  test(
    named(
      version,
      "[3.1.1 MQTT-4.3.2-2] [3.1.1 MQTT-4.3.3-2]",
      "[MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-11]",
      "QoS 0, 1 and 2 arrive as they were sent, once",
    ),
    async () => {
      const topic = newTopic();
      const subscriber = await open({ subscriptions: [{ filter: topic, qos: 2 }] });
      const publisher = await open();
      for (const qos of [0, 1, 2] as const) await publisher.publish(message(topic, `sent with ${qos}`, qos));
      await publisher.publish(message(topic, "end", 2));
      const received = await subscriber.inbox.until(
        "the last message",
        (all) => all.at(-1)?.payload.toString() === "end" && all,
      );
      expect(received.map(line)).toEqual(["sent with 0 qos 0", "sent with 1 qos 1", "sent with 2 qos 2", "end qos 2"]);
      await Promise.all([subscriber.close(), publisher.close()]);
    },
  );

  test(
    named(
      version,
      "[3.1.1 MQTT-3.3.1-6] [3.1.1 MQTT-3.3.1-8] [3.1.1 MQTT-3.3.1-9] [3.1.1 MQTT-3.3.1-10]",
      "[MQTT-3.3.1-5] [MQTT-3.3.1-9] [MQTT-3.3.1-12] [MQTT-3.3.1-6]",
      "a retained message waits for later subscribers until an empty one removes it",
    ),
    async () => {
      const topic = newTopic();
      const subscriptions = [{ filter: `${topic}/#`, qos: 1 as const }];
      const early = await open({ subscriptions });
      const publisher = await open();
      await publisher.publish(message(topic, "old", 1, true));
      await publisher.publish(message(topic, "new", 1, true));
      const late = await open({ subscriptions });
      expect((await late.inbox.atLeast(1)).map(line)).toEqual(["new qos 1 retained"]);
      await publisher.publish(message(topic, "", 1, true));
      const later = await open({ subscriptions });
      await publisher.publish(message(topic, "end", 1));
      expect((await later.inbox.atLeast(1)).map(line)).toEqual(["end qos 1"]);
      const toEarly = (await early.inbox.atLeast(4)).map(line);
      expect(toEarly).toEqual(["old qos 1", "new qos 1", " qos 1", "end qos 1"]);
      await Promise.all([early, late, later, publisher].map((client) => client.close()));
    },
  );

  test(
    named(
      version,
      "[3.1.1 MQTT-3.1.2-8] [3.1.1 MQTT-3.14.4-3]",
      "[MQTT-3.1.2-8] [MQTT-3.14.4-3]",
      "the will of a killed client is published, that of one that takes its leave is not",
    ),
    async () => {
      const topic = newTopic();
      const watcher = await open({ subscriptions: [{ filter: `${topic}/#`, qos: 2 }] });
      const own = [{ filter: `${topic}-own`, qos: 0 as const }];
      const polite = await open({ will: message(`${topic}/polite`, "goodbye", 1), subscriptions: own });
      await polite.close();
      const killed = await open({ will: message(`${topic}/killed`, "killed", 1, true), subscriptions: own });
      await killed.kill();
      const wills = await watcher.inbox.until("the will", (all) => all.at(-1)?.payload.toString() === "killed" && all);
      const ofPolite = kind.wantsWillAtGoodbye?.(version) ? ["goodbye qos 1"] : [];
      expect(wills.map(line)).toEqual([...ofPolite, "killed qos 1"]);
      const late = await open({ subscriptions: [{ filter: `${topic}/#`, qos: 2 }] });
      expect((await late.inbox.atLeast(1)).map(line)).toEqual(["killed qos 1 retained"]);
      await Promise.all([watcher.close(), late.close()]);
    },
  );

  test(
    named(
      version,
      "[3.1.1 MQTT-3.1.2-4] [3.1.1 MQTT-3.1.2-5] [3.1.1 MQTT-3.2.2-2]",
      "[MQTT-3.1.2-5] [MQTT-3.1.2-23] [MQTT-3.2.2-3]",
      "a session keeps what came while its client was away",
    ),
    async () => {
      const topic = newTopic();
      const subscriptions = [{ filter: topic, qos: 2 as const }];
      const session = { clientId: newId(), clean: false, sessionExpiryInterval: 300, subscriptions };
      const before = await open(session);
      expect(before.sessionPresent).not.toBe(true);
      await before.close();
      const publisher = await open();
      await publisher.publish(message(topic, "not kept", 0));
      for (const qos of [1, 2] as const) {
        for (const number of [1, 2, 3]) await publisher.publish(message(topic, `${number}`, qos));
      }
      const after = await open(session);
      expect(after.sessionPresent).not.toBe(false);
      await publisher.publish(message(topic, "end", 2));
      const received = await after.inbox.until(
        "the last message",
        (all) => all.at(-1)?.payload.toString() === "end" && all,
      );
      expect(received.filter(({ qos }) => qos < 2).map(line)).toEqual(["1 qos 1", "2 qos 1", "3 qos 1"]);
      expect(received.filter(({ qos }) => qos === 2).map(line)).toEqual(["1 qos 2", "2 qos 2", "3 qos 2", "end qos 2"]);
      await Promise.all([after.close(), publisher.close()]);
      const fresh = await open({ ...session, clean: true });
      expect(fresh.sessionPresent).not.toBe(true);
      await fresh.close();
    },
  );

  test("256 KiB arrive unchanged with every QoS", async () => {
    const topic = newTopic();
    const payload = randomBytes(262_144);
    const subscriber = await open({ subscriptions: [{ filter: topic, qos: 2 }] });
    const publisher = await open();
    for (const qos of [0, 1, 2] as const) await publisher.publish({ topic, payload, qos, retain: false });
    const received = await subscriber.inbox.atLeast(3);
    expect(received.map((entry) => [entry.qos, entry.payload.equals(payload)])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    await Promise.all([subscriber.close(), publisher.close()]);
  });

  test("a shared subscription gives each message to one of its members", async () => {
    const topic = newTopic();
    const subscriptions = [{ filter: `$share/team/${topic}`, qos: 1 as const }];
    const members = [await open({ subscriptions }), await open({ subscriptions })];
    const witness = await open({ subscriptions: [{ filter: topic, qos: 1 }] });
    const publisher = await open();
    const sent = Array.from({ length: 8 }, (_, number) => `${number}`);
    for (const payload of sent) await publisher.publish(message(topic, payload, 1));
    await witness.inbox.atLeast(sent.length);
    const half = sent.length / 2;
    await Promise.all(members.map(({ inbox }) => inbox.atLeast(half)));
    const received = members.map(({ inbox }) => inbox.entries.map(({ payload }) => payload.toString()));
    expect(received.flat().sort()).toEqual(sent);
    expect(received.map(({ length }) => length)).toEqual([half, half]);
    await Promise.all([...members, witness, publisher].map((client) => client.close()));
  });
}

for (const kind of CLIENT_KINDS) {
  describeClient(kind, () => {
    for (const { version, title } of VERSIONS) describe(title, () => suite(kind, version));
  });
}

describeClient({ ...paho, name: "Paho, held still" }, () => {
  test("[MQTT-3.1.2-22] [3.1.1 MQTT-3.1.2-24] its will is published when the Keep Alive has passed one and a half times", async () => {
    const topic = newTopic();
    const watcher = await openPaho(broker.port, {
      version: 4,
      clientId: "watcher",
      subscriptions: [{ filter: topic, qos: 0 }],
    });
    const silent = await Promise.all(
      ([4, 5] as const).map((version) =>
        openPaho(broker.port, {
          version,
          clientId: `silent-${version}`,
          keepAlive: 1,
          will: message(topic, `${version}`),
        }),
      ),
    );
    for (const client of silent) client.freeze();
    const wills = await watcher.inbox.atLeast(2);
    expect(wills.map(({ payload }) => payload.toString()).sort()).toEqual(["4", "5"]);
    await Promise.all([watcher.close(), ...silent.map((client) => client.kill())]);
  });
});

test("the broker found nothing wrong with any of them, and stops", async () => {
  const wrong = broker.records().filter(({ level, msg }) => level >= 40 || /protocol error|refused/.test(msg));
  expect(wrong).toEqual([]);
  expect(await broker.stop()).toEqual({ code: 0, signal: null });
});
