/**
 * The open listeners, and how they become those of another configuration. Connections that a listener has accepted stay
 * when it is changed or closed. What cannot be opened leaves everything as it was.
 */
import { isDeepStrictEqual } from "node:util";
import type { BrokerServer } from "@tidings/broker/node";
import { ConnectionRate, type Listener, TransportError } from "@tidings/transport";
import type { TlsListener } from "@tidings/transport/node";
import { defaultListeners } from "../config/default-listeners.js";
import type { ListenerConfiguration } from "../config/listener-schema.js";
import type { Configuration } from "../config/schema.js";
import type { Logger } from "../logger.js";
import { ListenFailure } from "./listen-failure.js";
import { type ChangeableFacts, listenerFacts } from "./listener-facts.js";
import { openListener } from "./open-listener.js";
import { type LoadedTls, loadTls } from "./tls-options.js";

export interface OpenListener {
  readonly configuration: ListenerConfiguration;
  readonly listener: Listener;
  /** Undefined: it shows no web client. */
  readonly webClientUrl: string | undefined;
}

/** A listener as it should be; its files are read. */
export interface PlannedListener {
  readonly configuration: ListenerConfiguration;
  readonly directory: string;
  readonly tls: LoadedTls | undefined;
}

/** Everything of an open listener that can change while it is open. */
interface Entry extends OpenListener {
  configuration: ListenerConfiguration;
  plan: PlannedListener;
  readonly facts: ChangeableFacts;
  /** Replaced when the section `connectionRate` changes. */
  readonly gate: { rate: ConnectionRate };
}

export class ListenerSet {
  private entries: Entry[] = [];

  constructor(
    private readonly server: BrokerServer,
    private readonly logger: Logger,
  ) {}

  get open(): readonly OpenListener[] {
    return this.entries;
  }

  /** Reads what the listeners need. Throws a `ListenFailure`; nothing is opened. */
  static plan(configuration: Configuration, directory: string): PlannedListener[] {
    return (configuration.listeners ?? defaultListeners()).map((listener) => ({
      configuration: listener,
      directory,
      tls: "tls" in listener ? loadTls(listener.tls, listener.name, directory) : undefined,
    }));
  }

  /** Rejects with a `ListenFailure`; the listeners are then those that they were. Answers with what changed, in words. */
  async become(plans: readonly PlannedListener[]): Promise<string[]> {
    const kept: [Entry, PlannedListener][] = [];
    const toOpen: PlannedListener[] = [];
    for (const plan of plans) {
      const entry = this.entries.find((entry) => canBecome(entry, plan));
      if (entry === undefined) toOpen.push(plan);
      else kept.push([entry, plan]);
    }
    const toClose = this.entries.filter((entry) => !kept.some(([stays]) => stays === entry));
    // An address that is given up may be wanted at once, so closing comes first; it can be undone.
    for (const { listener } of toClose) await this.server.closeListener(listener);
    const opened: Entry[] = [];
    try {
      for (const plan of toOpen) opened.push(await this.openOne(plan));
    } catch (error) {
      for (const { listener } of opened) await this.server.closeListener(listener);
      this.entries = this.entries.filter((entry) => !toClose.includes(entry));
      for (const { plan } of toClose) await this.reopen(plan);
      throw error;
    }
    const changes = [
      ...toClose.map(({ listener }) => `closed ${listener.url}`),
      ...opened.map(({ listener }) => `opened ${listener.url}`),
      ...kept.flatMap(([entry, plan]) => change(entry, plan)),
    ];
    this.entries = plans.map(
      (plan) => [...kept.map(([entry]) => entry), ...opened].find((entry) => entry.plan === plan)!,
    );
    return changes;
  }

  /** Accepts nobody any more. */
  async close(): Promise<void> {
    await Promise.all(this.entries.map(({ listener }) => this.server.closeListener(listener)));
  }

  private async openOne(plan: PlannedListener): Promise<Entry> {
    const { configuration } = plan;
    const facts = listenerFacts(configuration);
    const gate = { rate: new ConnectionRate(configuration.connectionRate ?? {}) };
    const onError = ({ message: reason }: TransportError): void =>
      this.logger.debug({ listener: configuration.name, reason }, "connection refused");
    // Without a rate nobody is asked, and connections are accepted the short way.
    const admits =
      configuration.connectionRate === undefined
        ? undefined
        : (address: string | undefined) => gate.rate.admits(address, performance.now());
    try {
      const opened = await openListener(this.server, plan, facts, { onError, admits });
      return { ...opened, configuration, plan, facts, gate };
    } catch (error) {
      if (error instanceof TransportError) throw new ListenFailure(`${error.message} ${adviceFor(configuration)}`);
      throw error;
    }
  }

  private async reopen(plan: PlannedListener): Promise<void> {
    try {
      this.entries.push(await this.openOne(plan));
    } catch (error) {
      this.logger.error({ listener: plan.configuration.name, reason: (error as Error).message }, "a listener is gone");
    }
  }
}

function adviceFor({ name }: ListenerConfiguration): string {
  if (name === "mqtt") return "See --port, --host, or the listener mqtt.";
  if (name === "websocket") return "See --ws-port, --no-ws, --host, or the listener websocket.";
  return `See the listener ${name}.`;
}

/** What a listener keeps as long as it is open. */
function fixedPart({ configuration }: PlannedListener) {
  const { name: _n, protocolVersions: _v, mountPoint: _m, maximumQoS: _q, limits: _l, ...rest } = configuration;
  const { allowAnonymous: _a, authentication: _u, access: _c, connectionRate, ...fixed } = rest;
  const tls = "tls" in fixed ? fixed.tls : undefined;
  return {
    ...fixed,
    hasRate: connectionRate !== undefined,
    tls: tls === undefined ? undefined : { asks: tls.clientCertificate ?? "none", alpn: tls.applicationProtocols },
  };
}

function canBecome(entry: Entry, plan: PlannedListener): boolean {
  if (entry.configuration.name !== plan.configuration.name) return false;
  const isElsewhere = entry.plan.directory !== plan.directory && plan.configuration.type === "unix";
  return !isElsewhere && isDeepStrictEqual(fixedPart(entry.plan), fixedPart(plan));
}

function change(entry: Entry, plan: PlannedListener): string[] {
  const changes: string[] = [];
  const { name } = plan.configuration;
  if (plan.tls !== undefined && plan.tls.fingerprint !== entry.plan.tls?.fingerprint) {
    (entry.listener as TlsListener).updateTls(plan.tls.options);
    changes.push(`certificates of ${name}`);
  }
  if (!isDeepStrictEqual(entry.configuration.connectionRate, plan.configuration.connectionRate)) {
    entry.gate.rate = new ConnectionRate(plan.configuration.connectionRate ?? {});
    changes.push(`connection rate of ${name}`);
  }
  const facts = listenerFacts(plan.configuration);
  if (!isDeepStrictEqual({ ...entry.facts }, { ...facts })) {
    Object.assign(entry.facts, facts);
    changes.push(`limits of ${name}`);
  }
  entry.configuration = plan.configuration;
  entry.plan = plan;
  return changes;
}
