/**
 * One application with the real client: it publishes, receives and subscribes, and everything that it is promised or
 * given goes into the books. Its client reconnects by itself over whatever network there is.
 */
import type { Client, ClientError, ConnectOptions, Message } from "@tidings/client";
import { clientFactory } from "@tidings/client/testing";
import type {
  ConnackPacket,
  ControlPacket,
  ProtocolVersion,
  QoS,
  SubackPacket,
  SubscriptionRequest,
  Will,
} from "@tidings/packet";
import { PacketType } from "@tidings/packet";
import { matches, parseSharedFilter } from "@tidings/topic";
import { type ByteStream, TransportError } from "@tidings/transport";
import { type ClientRecord, type Ledger, numberIn, type Publication, payloadOf } from "./ledger.js";
import { PacketTap, type TapOwner } from "./packet-tap.js";
import type { Random } from "./random.js";
import type { SimulatedBroker } from "./simulated-broker.js";
import type { Trace } from "./trace.js";
import type { VirtualClock } from "./virtual-clock.js";
import type { VirtualConnection, VirtualNetwork } from "./virtual-network.js";

export interface ClientSettings {
  readonly name: string;
  readonly version: ProtocolVersion;
  /** Its session outlives its connections. */
  readonly isLasting: boolean;
  /** Seconds, of 5.0. */
  readonly sessionExpiryInterval: number;
  readonly receiveMaximum: number;
  /** Seconds. */
  readonly keepAlive: number;
  readonly queuedMessagesMax: number;
  /** How long the application takes for a message, at most; 0: no time. */
  readonly handlingMsMax: number;
  /** 5.0, as are the next ones; undefined: any. */
  readonly maximumPacketSize: number | undefined;
  /** Of all its subscriptions. */
  readonly noLocal: boolean;
  /** Of all its subscriptions, without what was retained before them: a message that is marked was published so. */
  readonly retainAsPublished: boolean;
  /** Its subscriptions have identifiers: 1 more than the place of the filter among those it ever wanted. */
  readonly numbersSubscriptions: boolean;
  readonly subscriptions: readonly { readonly filter: string; readonly qos: QoS }[];
  readonly group: string | undefined;
  readonly will: { readonly delayInterval: number; readonly qos: QoS; readonly retain: boolean } | undefined;
}

/** The world around it. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly network: VirtualNetwork;
  readonly broker: SimulatedBroker;
  readonly ledger: Ledger;
  readonly trace: Trace;
  /** Sabotage: changes what a client writes. */
  readonly rewrite?: (version: ProtocolVersion, packets: readonly ControlPacket[]) => Uint8Array | undefined;
}

/** Reason Codes of DISCONNECT that say that this side broke the protocol. */
const PROTOCOL_BROKEN: readonly number[] = [0x81, 0x82, 0x93, 0x94, 0x95, 0x99];
const CONNECT_TIMEOUT_MS = 4000;

export class SimulatedClient implements TapOwner {
  client: Client | undefined;
  connection: VirtualConnection | undefined;
  /** No connection can be made. */
  isUnplugged = false;
  /** The application takes no time for a message any more. */
  isQuick = false;
  /** The application began anew, so that its earlier session may be gone. Until the next CONNACK. */
  hasRestarted = false;
  /** A session that was promised to last may have ended: the broker said so, or its time was over. */
  mayHaveLostSession = true;
  readonly record: ClientRecord;
  /** Sessions in which each message came, until the application has it: it may take its time. */
  private readonly arrivedIn = new Map<number, { readonly epochs: number[]; taken: number }>();
  /** Filters that the application wants now. */
  private readonly wanted = new Set<string>();
  /** Filters that have had a subscription identifier. */
  private readonly numbered: string[] = [];

  constructor(
    readonly settings: ClientSettings,
    private readonly world: Surroundings,
  ) {
    this.record = world.ledger.client(settings.name, settings.group, settings.noLocal);
  }

  get name(): string {
    return this.settings.name;
  }

  /** The session is kept by the broker when its connection ends. */
  get isLasting(): boolean {
    const { version, isLasting, sessionExpiryInterval } = this.settings;
    return version < 5 ? isLasting && !this.hasRestarted : sessionExpiryInterval > 0;
  }

  /** Begins, and subscribes. `anew`: without the session of before. */
  start(anew: boolean): void {
    const { settings, world } = this;
    const { version, isLasting, name } = settings;
    const factory = clientFactory({
      now: () => world.clock.now(),
      afterTurn: (task, of) => world.clock.afterTurn(() => task(of)),
      after: (delayMs, task, of) => world.clock.after(delayMs, () => task(of)),
      cancel: (timer) => (timer as () => void)(),
      random: () => world.random.next(),
      open: (_address, { signal }) => this.open(signal),
    });
    const options: ConnectOptions = {
      protocolVersion: version,
      clientIdentifier: name,
      keepAlive: settings.keepAlive,
      pingTimeoutMs: 2000,
      cleanStart: anew || !isLasting,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      reconnect: { minDelayMs: 50, maxDelayMs: 1000, isFatal: () => false },
      queue: { messagesMax: settings.queuedMessagesMax },
      properties: {
        receiveMaximum: settings.receiveMaximum,
        sessionExpiryInterval: settings.sessionExpiryInterval,
        maximumPacketSize: settings.maximumPacketSize,
      },
      beforeConnect: () => ({ will: this.will() }),
      onMessage: (message) => {
        this.received(message);
        if (settings.handlingMsMax === 0 || this.isQuick) return undefined;
        const delayMs = world.random.between(0, settings.handlingMsMax);
        return new Promise<void>((resolve) => void world.clock.after(delayMs, resolve));
      },
      onDisconnect: (error) => this.reported(error),
      onError: (error) => this.reported(error),
    };
    this.client = factory.createClient("mqtt://broker", options);
    this.client.connected.catch(() => {});
    this.wanted.clear();
    for (const { filter, qos } of settings.subscriptions) this.subscribe(filter, qos);
  }

  /** Says goodbye, forgets everything, and begins with a new session. */
  async restart(): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    this.client = undefined;
    this.hasRestarted = true;
    this.sessionEnded();
    this.endSpans();
    this.world.trace.add(this.name, "restarts");
    await client.close({ timeoutMs: 1000 });
    this.start(true);
  }

  /** Ends for good. */
  async close(): Promise<void> {
    this.hasRestarted = true; // a session that was begun anew ends with the client
    await this.client?.close({ timeoutMs: 1000 });
    this.client = undefined;
  }

  publish(parts: Pick<Publication, "topic" | "qos" | "retain" | "clears" | "expiryInterval">, fillBytes: number): void {
    const { ledger, trace } = this.world;
    const { client, name } = this;
    if (client === undefined) return;
    const publication = ledger.publish({ ...parts, publisher: name, isWill: false });
    const { id, topic, qos, retain, clears, expiryInterval } = publication;
    const payload = clears ? new Uint8Array(0) : payloadOf(id, fillBytes);
    const properties = expiryInterval === undefined ? undefined : { messageExpiryInterval: expiryInterval };
    trace.add(name, `publishes ${id} to ${topic}, QoS ${qos}${retain ? ", retained" : ""}, ${payload.length} bytes`);
    client.publish(topic, payload, { qos, retain, properties }).then(
      ({ reasonCode }) => {
        if (qos === 0) return;
        publication.acknowledgedAt = ledger.next();
        trace.add(name, `knows that ${id} arrived, ${reasonCode}`);
      },
      (error: ClientError) => {
        publication.failure = error.code;
        trace.add(name, `gives up ${id}: ${error.code} ${error.reasonCode ?? ""}`);
        if (error.code === "TIDINGS_CLIENT_INVALID_ARGUMENT") ledger.violated(`${name}: ${error.message}`);
      },
    );
  }

  subscribe(filter: string, qos: QoS): void {
    const { client, name } = this;
    const { trace } = this.world;
    if (client === undefined || this.wanted.has(filter)) return;
    this.wanted.add(filter);
    trace.add(name, `subscribes to ${filter}, QoS ${qos}`);
    // The client keeps it; messages come to `onMessage` once, however many filters they match.
    const { noLocal, retainAsPublished } = this.settings;
    const properties = this.settings.numbersSubscriptions
      ? { subscriptionIdentifier: this.numberOf(filter) }
      : undefined;
    const retainHandling = retainAsPublished ? 2 : 0;
    const options = { qos, detached: true, noLocal, retainAsPublished, retainHandling, properties } as const;
    client.subscribe(filter, options).catch((error: ClientError) => {
      trace.add(name, `cannot subscribe to ${filter}: ${error.code}`);
      this.wanted.delete(filter);
    });
  }

  unsubscribe(filter: string): void {
    const { client, name } = this;
    const { ledger, trace } = this.world;
    if (client === undefined || !this.wanted.delete(filter)) return;
    trace.add(name, `unsubscribes from ${filter}`);
    const now = ledger.next();
    for (const span of this.record.spans) if (span.filter === filter) span.until = Math.min(span.until, now);
    client.unsubscribe(filter).catch((error: ClientError) => {
      trace.add(name, `cannot unsubscribe from ${filter}: ${error.code}`);
    });
  }

  /** The broker keeps its session no more. */
  sessionEnded(): void {
    this.mayHaveLostSession = true;
    this.record.endedEpochs.add(this.record.epoch);
    for (const publication of this.world.ledger.publications) {
      const isOpen = publication.acknowledgedAt === undefined && publication.failure === undefined;
      if (isOpen && publication.publisher === this.name) publication.isUncertain = true;
    }
  }

  // What the tap sees.

  packet(direction: "in" | "out", packet: ControlPacket): void {
    this.world.trace.add(this.name, `${direction === "in" ? "<" : ">"} ${described(packet)}`);
    if (direction === "in" && packet.type === PacketType.PUBLISH) this.arrived(packet.payload);
  }

  connected({ reasonCode, sessionPresent }: ConnackPacket): void {
    if (reasonCode !== 0) return;
    const { record, settings } = this;
    if (!sessionPresent) {
      if (!this.mayHaveLostSession) this.violated("the session that it was promised is gone");
      record.epoch += 1;
      record.epochBeganAt = this.world.ledger.next();
    }
    if (this.client === undefined) return; // it is on its way out
    this.hasRestarted = false;
    this.mayHaveLostSession = settings.version < 5 ? !settings.isLasting : settings.sessionExpiryInterval === 0;
  }

  subscribed(requests: readonly SubscriptionRequest[], { reasonCodes }: SubackPacket): void {
    const { record } = this;
    const from = this.world.ledger.next();
    requests.forEach(({ topicFilter }, index) => {
      const qos = reasonCodes[index];
      if (qos > 2 || !this.wanted.has(topicFilter)) return;
      // The same subscription again changes nothing about what was promised.
      const isKnown = record.spans.some(
        (span) => span.filter === topicFilter && span.epoch === record.epoch && span.until === Number.POSITIVE_INFINITY,
      );
      if (isKnown) return;
      record.spans.push({
        filter: topicFilter,
        qos: qos as QoS,
        epoch: record.epoch,
        from,
        until: Number.POSITIVE_INFINITY,
      });
    });
  }

  unsubscribed(): void {}

  violated(what: string): void {
    this.world.ledger.violated(`${this.name}: ${what}`);
  }

  // Details.

  private endSpans(): void {
    const now = this.world.ledger.next();
    for (const span of this.record.spans) span.until = Math.min(span.until, now);
  }

  /** The identifier of its subscription to a filter. */
  private numberOf(filter: string): number {
    if (!this.numbered.includes(filter)) this.numbered.push(filter);
    return this.numbered.indexOf(filter) + 1;
  }

  private received(message: Message): void {
    const { ledger, trace } = this.world;
    const { payload, topic, qos } = message;
    if (payload.length === 0) return; // what clears a retained message
    const publication = ledger.find(payload, topic, this.name);
    if (publication === undefined) return;
    trace.add(this.name, `receives ${publication.id}, QoS ${qos}`);
    // With Retain As Published it has not asked for what was retained before.
    const retain = message.retain && !this.settings.retainAsPublished;
    this.checkOptions(message, publication, retain);
    const arrivals = this.arrivedIn.get(publication.id) ?? { epochs: [this.record.epoch], taken: 0 };
    const epoch = arrivals.epochs[Math.min(arrivals.taken++, arrivals.epochs.length - 1)];
    this.record.receipts.push({ publication, epoch, qos, retain, at: ledger.next() });
  }

  /** What the options of its subscriptions promise. `isOld`: it was retained before the subscription. */
  private checkOptions(message: Message, { id, publisher, retain }: Publication, isOld: boolean): void {
    const { settings, name } = this;
    const { ledger } = this.world;
    if (settings.noLocal && publisher === name && !isOld) this.violated(`it got its own message ${id} with No Local`);
    if (settings.retainAsPublished) {
      if (message.retain !== retain) this.violated(`${id} came with RETAIN ${message.retain}, published was ${retain}`);
      if (retain) ledger.count("retained as published");
    }
    const identifiers = message.properties.subscriptionIdentifiers ?? [];
    if (identifiers.length > 0) ledger.count("came with an identifier");
    if (settings.numbersSubscriptions !== identifiers.length > 0) {
      this.violated(`${id} came with ${identifiers.length} subscription identifiers`);
    }
    for (const identifier of identifiers) {
      const filter = this.numbered[identifier - 1];
      if (filter === undefined || !matches(parseSharedFilter(filter)?.topicFilter ?? filter, message.topic)) {
        this.violated(`${id} to ${message.topic} came with the identifier ${identifier}, of ${filter}`);
      }
    }
  }

  private arrived(payload: Uint8Array): void {
    const id = numberIn(payload);
    const { epoch } = this.record;
    const arrivals = this.arrivedIn.get(id) ?? { epochs: [], taken: 0 };
    this.arrivedIn.set(id, arrivals);
    if (arrivals.epochs.at(-1) !== epoch) arrivals.epochs.push(epoch);
  }

  private reported(error: ClientError): void {
    const { code, reasonCode = 0, message } = error;
    this.world.trace.add(this.name, `is told ${code} ${reasonCode}`);
    const isBroken = code === "TIDINGS_CLIENT_PROTOCOL_ERROR" || code === "TIDINGS_CLIENT_HANDLER_FAILED";
    if (isBroken || (code === "TIDINGS_CLIENT_DISCONNECTED" && PROTOCOL_BROKEN.includes(reasonCode))) {
      this.violated(message);
    }
  }

  /** A will with a number of its own, for one connection. */
  will(): Will | undefined {
    const { will, version } = this.settings;
    if (will === undefined) return undefined;
    const { qos, retain, delayInterval } = will;
    const topic = `w/${this.name}`;
    const { id } = this.world.ledger.publish({
      publisher: this.name,
      topic,
      qos,
      retain,
      clears: false,
      isWill: true,
      expiryInterval: undefined,
    });
    const properties = version === 5 ? { willDelayInterval: delayInterval } : undefined;
    return { topic, payload: payloadOf(id, 0), qos, retain, properties };
  }

  private open(signal: AbortSignal): Promise<ByteStream> {
    const { clock, network, broker, trace } = this.world;
    return new Promise((resolve, reject) => {
      clock.after(network.latencyMs + 1, () => {
        if (signal.aborted) return;
        const connection = network.connect(this.name);
        if (this.isUnplugged || !broker.accept(connection)) {
          connection.client.vanish(false);
          connection.server.vanish(false);
          reject(new TransportError("TIDINGS_CONNECT_REFUSED", "nobody listens"));
          return;
        }
        const tap = new PacketTap(this.settings.version, this);
        const { rewrite } = this.world;
        if (rewrite !== undefined) tap.rewrite = (packets) => rewrite(this.settings.version, packets);
        connection.client.tap = tap;
        this.connection = connection;
        trace.add(this.name, `opens connection ${connection.number}`);
        resolve(connection.client);
      });
    });
  }
}

function described(packet: ControlPacket): string {
  const name = Object.entries(PacketType).find(([, type]) => type === packet.type)?.[0] ?? "?";
  const identifier = "packetIdentifier" in packet ? ` ${packet.packetIdentifier ?? ""}` : "";
  const reason = "reasonCode" in packet && packet.reasonCode !== 0 ? ` 0x${packet.reasonCode.toString(16)}` : "";
  if (packet.type === PacketType.PUBLISH) {
    const { qos, dup, retain, topicName, payload, properties } = packet;
    const alias = properties?.topicAlias === undefined ? "" : ` alias ${properties.topicAlias}`;
    const flags = `${dup ? " dup" : ""}${retain ? " retain" : ""}`;
    return `${name}${identifier} QoS ${qos}${flags} ${topicName}${alias} ${payload.length}`;
  }
  const present = packet.type === PacketType.CONNACK && packet.sessionPresent ? " session present" : "";
  const clean = packet.type === PacketType.CONNECT && packet.cleanStart ? " clean start" : "";
  return `${name}${identifier}${reason}${present}${clean}`;
}
