/**
 * One broker in several lives: the real core, driven by the real stream host, over the real key-value store on a virtual
 * disk. Tells the observer what the broker decides, life by life.
 */
import {
  Broker,
  type BrokerHooks,
  type BrokerObserver,
  type BrokerOptions,
  type LocalDelivery,
  type Scheduler,
  StreamHost,
} from "@tidings/broker";
import { KeyValueSessionStore, type KeyValueStoreOptions, loadState } from "@tidings/store-lmdb";
import type { ByteStream } from "@tidings/transport";
import type { VirtualClock } from "./virtual-clock.js";
import type { VirtualDisk } from "./virtual-disk.js";
import type { VirtualConnection } from "./virtual-network.js";

/** Sees each life; `broker` is the one that begins. */
export interface BrokerWitness {
  readonly hooks: BrokerHooks;
  readonly observer: BrokerObserver;
  began(broker: SimulatedBroker): void;
  recovered(broker: SimulatedBroker): void;
  /** Everything that is published passes here, wills included. */
  published(message: Parameters<Parameters<Broker["subscribeLocally"]>[1]["onMessage"]>[0], how: LocalDelivery): void;
  ended(broker: SimulatedBroker): void;
}

export interface BrokerSettings {
  readonly options: BrokerOptions;
  readonly store: KeyValueStoreOptions;
  /** Puts something else between the broker and its store. */
  readonly wrapStore?: (store: KeyValueSessionStore) => KeyValueSessionStore;
}

export class SimulatedBroker {
  /** Undefined while it is down. */
  broker: Broker | undefined;
  store: KeyValueSessionStore | undefined;
  /** Lives so far. */
  life = 0;
  private host: StreamHost | undefined;
  private connections = new Set<VirtualConnection>();

  constructor(
    private readonly clock: VirtualClock,
    readonly disk: VirtualDisk,
    private readonly settings: BrokerSettings,
    private readonly random: () => number,
    private readonly witness: BrokerWitness,
  ) {}

  get isUp(): boolean {
    return this.host !== undefined;
  }

  /** Begins a life with what the disk holds. */
  async start(): Promise<void> {
    const life = ++this.life;
    const whileAlive = (task: () => void) => (): void => {
      if (this.life === life) task();
    };
    const driver = this.disk.open();
    const scheduler: Scheduler = {
      now: () => this.clock.now(),
      afterTurn: (task) => this.clock.afterTurn(whileAlive(task)),
      after: (delayMs, task) => this.clock.after(delayMs, whileAlive(task)),
    };
    const store = new KeyValueSessionStore(driver, await loadState(driver), { ...this.settings.store, scheduler });
    this.store = store;
    const broker = new Broker({
      ...this.settings.options,
      store: this.settings.wrapStore?.(store) ?? store,
      random: this.random,
      hooks: [this.witness.hooks],
      observer: this.witness.observer,
    });
    this.broker = broker;
    this.witness.began(this);
    broker.subscribeLocally("#", {
      onMessage: (message, how) => {
        if (this.life === life) this.witness.published(message, how);
      },
      retainAsPublished: true,
      retainHandling: 2,
    });
    this.host = new StreamHost(broker, scheduler);
    await this.host.recover();
    this.witness.recovered(this);
  }

  /** False: nobody listens. */
  accept(connection: VirtualConnection): boolean {
    if (this.host === undefined) return false;
    this.connections.add(connection);
    this.host.accept(connection.server);
    return true;
  }

  /** False: nobody listens. A stream without a network under it. */
  acceptStream(stream: ByteStream): boolean {
    this.host?.accept(stream);
    return this.host !== undefined;
  }

  /** The process is gone, and with a power cut the machine: its clients hear of the first and not of the second. */
  crash(kind: "kill" | "power-cut"): void {
    this.end();
    for (const { server } of this.connections) server.vanish(kind === "kill");
    this.connections.clear();
    if (kind === "kill") this.disk.kill();
    else this.disk.powerCut();
  }

  /** An orderly end. Resolves when the store is closed. */
  async stop(): Promise<void> {
    const { host } = this;
    if (host === undefined) return;
    this.host = undefined;
    try {
      await host.close(500);
    } finally {
      this.end();
      for (const { server } of this.connections) server.vanish(true);
      this.connections.clear();
      this.disk.kill();
    }
  }

  private end(): void {
    this.witness.ended(this);
    this.host = undefined;
    this.broker = undefined;
    this.store = undefined;
    this.life += 1;
  }
}
