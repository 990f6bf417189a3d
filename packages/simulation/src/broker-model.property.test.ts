/**
 * The broker over the key-value store against the model, command by command: whatever clients do, whatever time passes,
 * and whenever the power is cut and the broker begins again from its disk.
 */
import { BrokerHarness, type TestClient } from "@tidings/broker/testing";
import { type ControlPacket, PacketType, type ProtocolVersion, type QoS } from "@tidings/packet";
import { KeyValueSessionStore, loadState } from "@tidings/store-lmdb";
import { FaultInjectingDriver } from "@tidings/store-lmdb/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BrokerModel, type ModelDelivery, NEVER } from "./broker-model.js";

const NAMES = ["a", "b", "c"] as const;
const TOPICS = ["x", "x/y", "z"] as const;
const FILTERS = ["x", "x/#", "+", "#", "x/y"] as const;
const MICROTASKS = 12;

/** The broker, its disk, and clients that answer at once what has to be answered. */
class Real {
  harness!: BrokerHarness;
  readonly clients = new Map<string, TestClient>();
  private driver = new FaultInjectingDriver();
  private store!: KeyValueSessionStore;
  private publisher!: TestClient;
  private nowMs = 0;

  async start(): Promise<void> {
    this.driver.isAutomatic = false;
    const scheduler = { after: () => () => {} };
    const options = { scheduler, pendingRetainedMax: 1, deadBytesMax: 0 };
    this.store = new KeyValueSessionStore(this.driver, await loadState(this.driver), options);
    this.harness = new BrokerHarness({ store: this.store });
    if (this.nowMs > 0) this.harness.nowMs = this.nowMs;
    await this.harness.broker.recover(this.harness.nowMs);
    this.publisher = this.harness.connected({ clientIdentifier: "publisher", protocolVersion: 5 });
    await this.settle();
  }

  async restart(keepsWaiting: boolean): Promise<void> {
    this.nowMs = this.harness.nowMs;
    this.clients.clear();
    this.driver = this.driver.powerCut(keepsWaiting);
    await this.start();
  }

  async connect(name: string, version: ProtocolVersion, cleanStart: boolean, expiry: number): Promise<ControlPacket> {
    const client = this.harness.connect({
      clientIdentifier: name,
      protocolVersion: version,
      cleanStart,
      properties: version === 5 && expiry > 0 ? { sessionExpiryInterval: expiry } : undefined,
    });
    this.clients.set(name, client);
    await this.settle(() => client.received.length > 0);
    return client.takeFirst(PacketType.CONNACK);
  }

  async publish(topic: string, payload: string, qos: QoS, retain: boolean, expiry: number | undefined): Promise<void> {
    const properties = expiry === undefined ? undefined : { messageExpiryInterval: expiry };
    this.publisher.publish(topic, payload, { qos, retain, properties });
    await this.settle();
    const types = this.publisher.take().map(({ type }) => type);
    expect(types).toEqual(qos === 0 ? [] : qos === 1 ? [PacketType.PUBACK] : [PacketType.PUBREC]);
    if (qos < 2) return;
    this.publisher.acknowledge(PacketType.PUBREL, this.publisher.packetIdentifier() - 1);
    await this.settle();
    this.publisher.takeFirst(PacketType.PUBCOMP);
  }

  /** What a client got, answered; other packets but acknowledgements stay. */
  async deliveries(name: string): Promise<ModelDelivery[]> {
    const client = this.clients.get(name);
    const all: ModelDelivery[] = [];
    await this.settle(); // what is sent at QoS 2 waits for the store first
    for (let idle = false; client !== undefined && !idle; ) {
      const messages = client.messages();
      for (const { topicName: topic, payload, qos, retain, packetIdentifier = 0, dup } of messages) {
        expect(dup).toBe(false);
        all.push({ topic, payload: new TextDecoder().decode(payload), qos, retain });
        if (qos === 1) client.acknowledge(PacketType.PUBACK, packetIdentifier);
        if (qos === 2) client.acknowledge(PacketType.PUBREC, packetIdentifier);
      }
      await this.settle();
      const releases = client.received.filter(({ type }) => type === PacketType.PUBREL);
      client.received = client.received.filter(({ type }) => type !== PacketType.PUBREL);
      for (const packet of releases) {
        if ("packetIdentifier" in packet) client.acknowledge(PacketType.PUBCOMP, packet.packetIdentifier as number);
      }
      await this.settle();
      idle = messages.length === 0 && releases.length === 0;
    }
    return all;
  }

  /** Everything becomes durable, and what waits for that goes on. */
  async settle(isDone: () => boolean = () => false): Promise<void> {
    for (let quiet = 0; quiet < 2 && !isDone(); ) {
      const { writeCount } = this.driver;
      this.harness.endTurn();
      this.driver.flush();
      for (let i = 0; i < MICROTASKS; i++) await Promise.resolve();
      this.harness.endTurn();
      quiet = this.driver.writeCount === writeCount && this.store.backlogBytes === 0 ? quiet + 1 : 0;
    }
  }

  retained(): string[] {
    const { broker } = this.harness;
    const kept = TOPICS.map((topic) => [topic, broker.retainedMessage(topic)?.payload] as const);
    return kept.flatMap(([topic, payload]) => (payload === undefined ? [] : [`${topic} ${Buffer.from(payload)}`]));
  }

  /** Nothing is left of deliveries that are over. */
  expectTidy(model: BrokerModel): void {
    const { broker } = this.harness;
    for (const [name, { isConnected, queue }] of model.sessions) {
      const { outbound, inbound } = broker.sessions.get(name) as NonNullable<ReturnType<typeof broker.sessions.get>>;
      expect([name, outbound.inFlight.size, inbound.size]).toEqual([name, 0, 0]);
      // What has expired may wait until somebody looks at it.
      const alive = queue.filter(({ expiresAtMs }) => expiresAtMs > model.nowMs);
      expect(outbound.queue.size).toBeGreaterThanOrEqual(isConnected ? 0 : alive.length);
      expect(outbound.queue.size).toBeLessThanOrEqual(isConnected ? 0 : queue.length);
    }
    // The one more is the publisher's.
    expect([...broker.sessions.keys()].sort()).toEqual([...model.sessions.keys(), "publisher"].sort());
  }
}

type Command = fc.AsyncCommand<BrokerModel, Real>;

/** After every command: who gets what, what is retained, and that nothing is left over. */
async function compare(
  model: BrokerModel,
  real: Real,
  expected: ReadonlyMap<string, readonly ModelDelivery[]>,
): Promise<void> {
  for (const name of NAMES) {
    const got = await real.deliveries(name);
    expect([name, byQoS(got)]).toEqual([name, byQoS(expected.get(name) ?? [])]);
  }
  const kept = TOPICS.flatMap((topic) => {
    const message = model.retained.get(topic);
    return message === undefined ? [] : [`${topic} ${message.payload}`];
  });
  expect(real.retained()).toEqual(kept);
  real.expectTidy(model);
}

/** What is sent at QoS 2 may have to wait for the store, and the rest does not: order is kept within a QoS [MQTT-4.6.0-5]. */
function byQoS(deliveries: readonly ModelDelivery[]): ModelDelivery[] {
  return [...deliveries].sort((one, other) => one.qos - other.qos);
}

class Connect implements Command {
  constructor(
    readonly name: string,
    readonly version: ProtocolVersion,
    readonly cleanStart: boolean,
    readonly expiry: number,
  ) {}
  check = () => true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    // 3.1.1 says it all with one flag.
    const expiry = this.version === 5 ? this.expiry : this.cleanStart ? 0 : NEVER;
    const { present, deliveries } = model.connect(this.name, this.cleanStart, expiry);
    const connack = await real.connect(this.name, this.version, this.cleanStart, expiry);
    expect(connack).toMatchObject({ reasonCode: 0, sessionPresent: present });
    await compare(model, real, new Map([[this.name, deliveries]]));
  }
  toString = () => `connect(${this.name}, ${this.version}, clean ${this.cleanStart}, expiry ${this.expiry})`;
}

class Disconnect implements Command {
  constructor(
    readonly name: string,
    readonly orderly: boolean,
  ) {}
  check = (model: Readonly<BrokerModel>) => model.sessions.get(this.name)?.isConnected === true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    const client = real.clients.get(this.name) as TestClient;
    if (this.orderly) client.disconnect();
    else client.drop();
    real.clients.delete(this.name);
    model.disconnect(this.name);
    await compare(model, real, new Map());
  }
  toString = () => `disconnect(${this.name}, ${this.orderly ? "orderly" : "lost"})`;
}

class Subscribe implements Command {
  constructor(
    readonly name: string,
    readonly filter: string,
    readonly qos: QoS,
  ) {}
  check = (model: Readonly<BrokerModel>) => model.sessions.get(this.name)?.isConnected === true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    const client = real.clients.get(this.name) as TestClient;
    const expected = model.subscribe(this.name, this.filter, this.qos);
    client.subscribe(this.filter, { qos: this.qos });
    await real.settle();
    expect(client.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([this.qos]);
    const got = await real.deliveries(this.name);
    expect(got.map(asText).sort()).toEqual(expected.map(asText).sort());
    await compare(model, real, new Map());
  }
  toString = () => `subscribe(${this.name}, ${this.filter}, ${this.qos})`;
}

class Unsubscribe implements Command {
  constructor(
    readonly name: string,
    readonly filter: string,
  ) {}
  check = (model: Readonly<BrokerModel>) => model.sessions.get(this.name)?.isConnected === true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    const client = real.clients.get(this.name) as TestClient;
    const existed = model.unsubscribe(this.name, this.filter);
    const packetIdentifier = client.packetIdentifier();
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier, topicFilters: [this.filter] });
    await real.settle();
    const { reasonCodes } = client.takeFirst(PacketType.UNSUBACK);
    if (client.version === 5) expect(reasonCodes).toEqual([existed ? 0 : 0x11]);
    await compare(model, real, new Map());
  }
  toString = () => `unsubscribe(${this.name}, ${this.filter})`;
}

class Publish implements Command {
  constructor(
    readonly topic: string,
    readonly payload: string,
    readonly qos: QoS,
    readonly retain: boolean,
    /** Seconds. */
    readonly expiry: number | undefined,
  ) {}
  check = () => true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    const { topic, payload, qos, retain, expiry } = this;
    const expiresAtMs = expiry === undefined ? Number.POSITIVE_INFINITY : model.nowMs + expiry * 1000;
    const deliveries = model.publish({ topic, payload, qos, expiresAtMs }, retain);
    await real.publish(topic, payload, qos, retain, expiry);
    await compare(model, real, new Map([...deliveries].map(([name, one]) => [name, [one]])));
  }
  toString = () =>
    `publish(${this.topic}, "${this.payload}", ${this.qos}${this.retain ? ", retain" : ""}, ${this.expiry})`;
}

class Advance implements Command {
  constructor(readonly seconds: number) {}
  check = () => true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    model.advance(this.seconds * 1000);
    real.harness.advance(this.seconds * 1000);
    await real.settle();
    await compare(model, real, new Map());
  }
  toString = () => `advance(${this.seconds} s)`;
}

class Restart implements Command {
  constructor(readonly keepsWaiting: boolean) {}
  check = () => true;
  async run(model: BrokerModel, real: Real): Promise<void> {
    model.restart();
    await real.restart(this.keepsWaiting);
    await compare(model, real, new Map());
  }
  toString = () => "restart()";
}

function asText({ topic, payload, qos, retain }: ModelDelivery): string {
  return `${topic} ${payload} ${qos} ${retain}`;
}

const name = fc.constantFrom(...NAMES);
const topic = fc.constantFrom(...TOPICS);
const filter = fc.constantFrom(...FILTERS);
const qos = fc.constantFrom<QoS[]>(0, 1, 2);
const payload = fc.constantFrom("", "one", "two", "3".repeat(300));
const connect = fc
  .tuple(name, fc.constantFrom<ProtocolVersion[]>(4, 5), fc.boolean(), fc.constantFrom(0, 10, 100, NEVER))
  .map((parts) => new Connect(...parts));
const publish = fc
  .tuple(topic, payload, qos, fc.boolean(), fc.constantFrom(undefined, undefined, 5, 50))
  .map((parts) => new Publish(...parts));
const commands: fc.Arbitrary<Command>[] = [
  connect,
  connect,
  fc.tuple(name, fc.boolean()).map((parts) => new Disconnect(...parts)),
  fc.tuple(name, filter, qos).map((parts) => new Subscribe(...parts)),
  fc.tuple(name, filter).map((parts) => new Unsubscribe(...parts)),
  publish,
  publish,
  publish,
  fc.constantFrom(1, 8, 60).map((seconds) => new Advance(seconds)),
  fc.boolean().map((keepsWaiting) => new Restart(keepsWaiting)),
];

test("broker and store do what the model does, over restarts", async () => {
  const numRuns = process.env.TIDINGS_DEEP === "1" ? 3000 : 150;
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: "+1" }), async (sequence) => {
      const real = new Real();
      await real.start();
      const setup = () => ({ model: new BrokerModel(), real });
      await fc.asyncModelRun(setup, sequence);
    }),
    { numRuns },
  );
}, 600_000);
