/**
 * One run: a scenario from the seed, so many steps of what may happen to it, then peace, until all is quiet; then the
 * books are checked. The same seed, steps and sabotage give the same run, event by event.
 */
import type { ControlPacket, ProtocolVersion } from "@tidings/packet";
import type { KeyValueSessionStore, KeyValueStoreOptions } from "@tidings/store-lmdb";
import { BrokerWatch } from "./broker-watch.js";
import { checkDeliveries, checkNeverTwice } from "./check-deliveries.js";
import { checkRetained } from "./check-retained.js";
import { takeOver } from "./interloper.js";
import { Ledger } from "./ledger.js";
import { Random } from "./random.js";
import { FILTERS, RESERVED_BYTES, type Scenario, scenarioFrom, TOPICS } from "./scenario.js";
import { SimulatedBroker } from "./simulated-broker.js";
import { SimulatedClient, type Surroundings } from "./simulated-client.js";
import { Trace } from "./trace.js";
import { VirtualClock } from "./virtual-clock.js";
import { type DiskDurability, VirtualDisk } from "./virtual-disk.js";
import { VirtualNetwork } from "./virtual-network.js";

/** Parts broken on purpose, to see that a simulation finds it. */
export interface Sabotage {
  readonly diskDurability?: DiskDurability;
  /** How long a flush takes at most, as long as nothing else is said. */
  readonly flushMsMax?: number;
  /** True: the disk forgets this row. */
  readonly diskLoses?: (key: Uint8Array) => boolean;
  readonly store?: KeyValueStoreOptions;
  readonly wrapStore?: (store: KeyValueSessionStore) => KeyValueSessionStore;
  readonly rewrite?: (version: ProtocolVersion, packets: readonly ControlPacket[]) => Uint8Array | undefined;
}

export interface SimulationOptions {
  readonly seed: number;
  /** What is done to it, one after the other. Default 150. */
  readonly steps?: number;
  readonly sabotage?: Sabotage;
  /** Given each event as it happens. */
  readonly print?: (line: string) => void;
}

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  /** What must not be. Empty: all is well. */
  readonly violations: readonly string[];
  /** Over all events. */
  readonly hash: string;
  readonly events: number;
  /** The last events. */
  readonly trace: readonly string[];
  /** How often what has happened. */
  readonly counts: Readonly<Record<string, number>>;
}

export const STEPS_DEFAULT = 150;

/** How likely each step is. */
const STEPS = {
  publish: 60,
  rest: 8,
  cut: 8,
  stall: 4,
  unplug: 3,
  subscribe: 5,
  restartClient: 2,
  takeOver: 3,
  crash: 4,
  stop: 1,
  fillDisk: 2,
  slowDisk: 2,
  jumpClock: 2,
};

/** PINGREQ and PINGRESP are under way at any time. */
const PING_BYTES = 4;
/** Of virtual time, until everything must be quiet. */
const PEACE_MS_MAX = 180_000;

export function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(options).run();
}

/** For people: what went wrong, and how to see it again. */
export function describeFailure({ seed, steps, violations, trace }: SimulationResult): string {
  return [
    `Seed ${seed} found ${violations.length} violations in ${steps} steps:`,
    ...violations.slice(0, 10).map((violation) => `  - ${violation}`),
    `Replay it: pnpm simulate --seed ${seed} --steps ${steps}`,
    "The last events:",
    ...trace.slice(-30).map((line) => `  ${line}`),
  ].join("\n");
}

class Simulation {
  private readonly steps: number;
  private readonly random: Random;
  private readonly scenario: Scenario;
  private readonly clock = new VirtualClock();
  private readonly trace: Trace;
  private readonly ledger = new Ledger();
  private readonly network: VirtualNetwork;
  private readonly disk: VirtualDisk;
  private readonly broker: SimulatedBroker;
  private readonly watch: BrokerWatch;
  private readonly clients = new Map<string, SimulatedClient>();

  constructor(private readonly options: SimulationOptions) {
    const { seed, sabotage = {} } = options;
    this.steps = options.steps ?? STEPS_DEFAULT;
    this.random = new Random(seed);
    this.scenario = scenarioFrom(this.random);
    const { scenario, clock, random, ledger } = this;
    this.trace = new Trace(() => clock.elapsedMs, options.print);
    this.network = new VirtualNetwork(clock, random, scenario.network);
    this.disk = new VirtualDisk(clock, random);
    this.disk.durability = sabotage.diskDurability ?? "fsync";
    this.disk.flushMsMax = sabotage.flushMsMax ?? this.disk.flushMsMax;
    if (sabotage.diskLoses !== undefined) this.disk.loses = sabotage.diskLoses;
    this.watch = new BrokerWatch(ledger, this.trace, clock, this.clients);
    const settings = {
      options: scenario.broker,
      store: { ...scenario.store, ...sabotage.store },
      wrapStore: sabotage.wrapStore,
    };
    this.broker = new SimulatedBroker(clock, this.disk, settings, () => random.next(), this.watch);
    const world: Surroundings = {
      clock,
      random,
      network: this.network,
      broker: this.broker,
      ledger,
      trace: this.trace,
      rewrite: sabotage.rewrite,
    };
    for (const client of scenario.clients) this.clients.set(client.name, new SimulatedClient(client, world));
    clock.onTurn = () => this.watch.check();
  }

  async run(): Promise<SimulationResult> {
    const { ledger, trace } = this;
    try {
      await this.play();
    } catch (error) {
      ledger.violated((error as Error).stack ?? String(error));
    }
    checkNeverTwice(ledger);
    return {
      seed: this.options.seed,
      steps: this.steps,
      violations: ledger.violations,
      hash: trace.hash,
      events: trace.count,
      trace: trace.last(200),
      counts: ledger.counts,
    };
  }

  private async play(): Promise<void> {
    const { random, clock, ledger, clients } = this;
    await this.broker.start();
    for (const client of clients.values()) client.start(!client.settings.isLasting);
    await clock.pass(random.between(0, 500));
    for (let step = 0; step < this.steps && ledger.violations.length === 0; step++) {
      const kind = random.weighted(STEPS);
      ledger.count(kind);
      await this.take(kind);
      await clock.pass(random.between(0, 150));
    }
    if (ledger.violations.length > 0) return;
    this.makePeace();
    await this.untilQuiet();
    if (ledger.violations.length > 0) return;
    // What was used and not given back would be missing now.
    for (const name of this.scenario.publishers.keys()) for (let i = 0; i < 10; i++) this.publishFrom(name);
    await this.untilQuiet();
    if (ledger.violations.length > 0) return;
    this.checkAll();
    if (ledger.violations.length > 0) return;
    await this.stopBroker();
    await this.broker.start();
    await this.untilQuiet();
    if (ledger.violations.length > 0) return;
    this.checkAll();
    for (const client of clients.values()) void client.close();
    await clock.pass(10_000);
    if (this.broker.broker?.connections.size !== 0) ledger.violated("a connection outlives its client");
  }

  private async take(kind: keyof typeof STEPS): Promise<void> {
    const { random, clock, disk, trace } = this;
    const clients = [...this.clients.values()];
    const client = random.pick(clients);
    switch (kind) {
      case "publish": {
        const publisher = random.pick([...this.scenario.publishers.keys()]);
        for (let i = 0, count = random.pick([1, 1, 3, 10]); i < count; i++) this.publishFrom(publisher);
        break;
      }
      case "rest":
        await clock.pass(random.pick([1_000, 5_000, 20_000]));
        break;
      case "cut": {
        const { connection } = client;
        if (connection === undefined || connection.isCut) break;
        const cut = { clientIsTold: random.chance(0.7), serverIsTold: random.chance(0.7) };
        trace.add("network", `cuts connection ${connection.number} ${JSON.stringify(cut)}`);
        connection.cut(cut);
        break;
      }
      case "stall": {
        const milliseconds = random.pick([100, 2_000, 8_000]);
        trace.add("network", `stalls ${client.name} for ${milliseconds} ms`);
        (random.chance(0.7) ? client.connection?.client : client.connection?.server)?.stall(milliseconds);
        break;
      }
      case "unplug": {
        const milliseconds = random.pick([500, 5_000, 40_000]);
        trace.add("network", `unplugs ${client.name} for ${milliseconds} ms`);
        client.isUnplugged = true;
        client.connection?.cut({ clientIsTold: random.chance(0.5), serverIsTold: random.chance(0.5) });
        clock.after(milliseconds, () => {
          client.isUnplugged = false;
        });
        break;
      }
      case "subscribe": {
        const subscribers = clients.filter(({ settings }) => settings.subscriptions.length > 0 && !settings.group);
        if (subscribers.length === 0) break;
        const subscriber = random.pick(subscribers);
        const filter = random.pick(FILTERS);
        if (random.chance(0.5)) subscriber.subscribe(filter, random.pick([0, 1, 2] as const));
        else subscriber.unsubscribe(filter);
        break;
      }
      case "restartClient":
        // Before 5.0 a client that begins anew has no way to have a lasting session afterwards.
        if (client.settings.version === 5 || !client.settings.isLasting) void client.restart();
        break;
      case "takeOver":
        if (takeOver(client, this.broker, clock, random)) this.ledger.count("taken over");
        break;
      case "crash":
        this.broker.crash(random.chance(0.5) ? "kill" : "power-cut");
        await clock.pass(random.between(1, random.pick([50, 3_000, 30_000])));
        await this.broker.start();
        break;
      case "stop":
        await this.stopBroker();
        await clock.pass(random.between(1, 3_000));
        await this.broker.start();
        break;
      case "fillDisk": {
        disk.room = random.chance(0.5) ? RESERVED_BYTES / 2 : random.below(300);
        trace.add("disk", `has room for ${disk.room} bytes`);
        clock.after(random.pick([300, 3_000, 20_000]), () => {
          disk.room = Number.POSITIVE_INFINITY;
          trace.add("disk", "has room");
        });
        break;
      }
      case "slowDisk":
        disk.flushMsMax = random.pick([10, 100, 1_500]);
        trace.add("disk", `takes up to ${disk.flushMsMax} ms to flush`);
        break;
      case "jumpClock": {
        const milliseconds = random.pick([-60_000, -3_000, 3_000, 60_000]);
        trace.add("clock", `jumps by ${milliseconds} ms`);
        clock.jump(milliseconds);
        break;
      }
    }
  }

  private publishFrom(name: string): void {
    const { random } = this;
    const publisher = this.clients.get(name) as SimulatedClient;
    const retain = random.chance(0.25);
    const topic = `${retain ? "r" : "t"}/${name}/${random.below(TOPICS)}`;
    const qos = retain ? (this.scenario.publishers.get(name) as 0 | 1 | 2) : random.pick([0, 1, 1, 2, 2] as const);
    const clears = retain && random.chance(0.2);
    const mayExpire = publisher.settings.version === 5 && random.chance(0.1);
    const expiryInterval = mayExpire ? random.pick([1, 10, 100]) : undefined;
    const fillBytes = random.pick([0, 10, 10, 100, 1000]);
    publisher.publish({ topic, qos, retain, clears, expiryInterval }, fillBytes);
  }

  private async stopBroker(): Promise<void> {
    this.trace.add("broker", "stops");
    let isStopped = false;
    let failure: unknown;
    void this.broker
      .stop()
      .catch((error) => {
        failure = error;
      })
      .then(() => {
        isStopped = true;
      });
    for (let i = 0; i < 600 && !isStopped; i++) await this.clock.pass(100);
    if (!isStopped) throw new Error("the broker does not stop");
    // On a full disk it cannot keep what was told last, which nobody was promised.
    if (failure !== undefined && (failure as NodeJS.ErrnoException).code !== "ENOSPC") throw failure;
  }

  /** From here on nothing is lost, slow or full. */
  private makePeace(): void {
    const { disk, clients, trace } = this;
    trace.add("peace", "begins");
    disk.room = Number.POSITIVE_INFINITY;
    disk.flushMsMax = 5;
    for (const client of clients.values()) {
      client.isUnplugged = false;
      client.isQuick = true;
      client.connection?.client.stall(0);
      client.connection?.server.stall(0);
    }
  }

  private async untilQuiet(): Promise<void> {
    const { clock, ledger } = this;
    const endMs = clock.elapsedMs + PEACE_MS_MAX;
    let reasons: string[] = [];
    // Quiet twice in a row, so that nothing was only on its way.
    for (let quiet = 0; quiet < 2; ) {
      if (clock.elapsedMs > endMs || ledger.violations.length > 0) break;
      await clock.pass(1_000);
      reasons = this.unrest();
      quiet = reasons.length === 0 ? quiet + 1 : 0;
    }
    if (reasons.length > 0 && ledger.violations.length === 0)
      ledger.violated(`it does not come to rest: ${reasons.join("; ")}`);
  }

  /** Why it is not quiet yet. */
  private unrest(): string[] {
    const reasons: string[] = [];
    const { broker } = this.broker;
    if (broker === undefined) return ["the broker is down"];
    for (const { name, client } of this.clients.values()) {
      if (client?.status !== "connected") reasons.push(`${name} is ${client?.status ?? "away"}`);
      if (client !== undefined && client.pendingMessages > 0)
        reasons.push(`${name} has ${client.pendingMessages} to send`);
    }
    for (const { clientIdentifier, outbound } of broker.sessions.values()) {
      const waiting = outbound.queue.size + outbound.inFlight.size;
      if (waiting > 0) reasons.push(`${waiting} messages wait for ${clientIdentifier}`);
    }
    for (const connection of this.network.connections) {
      if (connection.isCut || connection.client.isOver) reasons.push(`connection ${connection.number} is ending`);
      const waitingBytes = connection.client.waitingBytes + connection.server.waitingBytes;
      if (waitingBytes > PING_BYTES) reasons.push("bytes are under way");
    }
    if (broker.connections.size !== this.clients.size) reasons.push(`${broker.connections.size} connections`);
    if (broker.store.backlogBytes > 0) reasons.push("the store is behind");
    return reasons;
  }

  private checkAll(): void {
    const { ledger, watch } = this;
    const { broker, store } = this.broker;
    if (broker === undefined || store === undefined) return;
    checkDeliveries(ledger);
    ledger.count("retained checked", broker.retained.size);
    ledger.count("refused by a full disk", this.disk.refusals);
    checkRetained(ledger, (topic) => broker.retainedMessage(topic)?.payload);
    watch.limits.checkRest(broker, store);
  }
}
