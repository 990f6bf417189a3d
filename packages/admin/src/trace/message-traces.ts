/**
 * Those who follow messages. The broker has a tracer only while there is one; it gives every message a number, finds the
 * message that an acknowledgement is of, and hands each step to whoever follows it.
 */
import type { ApplicationMessage, Broker, MessageTracer } from "@tidings/broker";
import { PacketType } from "@tidings/packet";
import { matches } from "@tidings/topic";
import { addressOf } from "../client-entry.js";
import { describePayload } from "../message-entry.js";

export interface TraceRequest {
  readonly clientId?: string;
  readonly topicFilter?: string;
  readonly address?: string;
  readonly payloadBytes: number;
}

interface TraceStep {
  readonly step: string;
  /** ISO 8601. */
  readonly at: string;
  /** The same for all steps of a message; begins with 1 when nobody traced before. */
  readonly message: number;
  readonly topicName: string;
  readonly [detail: string]: unknown;
}

type Hear = (step: TraceStep) => void;

/** What is remembered of a message for its acknowledgements. */
interface TracedMessage {
  readonly number: number;
  readonly topicName: string;
  readonly publisher: string | undefined;
}

/** Unacknowledged messages whose topics are remembered; the oldest are forgotten first. */
const REMEMBERED_MAX = 10_000;

const PACKET_NAMES = new Map<number, string>(Object.entries(PacketType).map(([name, type]) => [type, name]));

export class MessageTraces {
  private readonly traces = new Set<{ readonly request: TraceRequest; readonly hear: Hear }>();
  private numbers = new WeakMap<ApplicationMessage, number>();
  private next = 1;
  /** By direction, client and identifier. */
  private readonly remembered = new Map<string, TracedMessage>();

  constructor(private readonly broker: Broker) {}

  get size(): number {
    return this.traces.size;
  }

  /** Follows what `request` asks for until the returned function is called. */
  start(request: TraceRequest, hear: Hear): () => void {
    const trace = { request, hear };
    this.traces.add(trace);
    this.broker.tracer ??= this.tracer;
    return () => {
      this.traces.delete(trace);
      if (this.traces.size > 0 || this.broker.tracer !== this.tracer) return;
      this.broker.tracer = undefined;
      this.remembered.clear();
      this.numbers = new WeakMap();
      this.next = 1;
    };
  }

  private readonly tracer: MessageTracer = {
    received: (message, packetIdentifier) => {
      const { qos, retain, payloadBytes, publisherIdentifier } = message;
      const traced = this.traced(message);
      if (packetIdentifier > 0) this.remember("in", publisherIdentifier, packetIdentifier, traced);
      const details = { qos, retain, payloadBytes, ...(packetIdentifier > 0 && { packetIdentifier }) };
      this.tell("received", traced, undefined, details, message);
    },
    authorized: (message) => this.tell("authorized", this.traced(message), undefined, {}),
    refused: (message, reasonCode) => this.tell("refused", this.traced(message), undefined, { reasonCode }),
    changed: (before, after) => {
      this.numbers.set(after, this.numberOf(before));
      const { topicName: becomes, qos, retain, payloadBytes } = after;
      this.tell("changed", this.traced(before), undefined, { becomes, qos, retain, payloadBytes });
    },
    matched: (message, receivers) => this.tell("matched", this.traced(message), undefined, { receivers }),
    queued: (message, clientId, qos) => this.tell("queued", this.traced(message), clientId, { qos }),
    sent: (message, clientId, qos, packetIdentifier, dup) => {
      const traced = this.traced(message);
      if (packetIdentifier > 0) this.remember("out", clientId, packetIdentifier, traced);
      this.tell("sent", traced, clientId, { qos, ...(packetIdentifier > 0 && { packetIdentifier }), dup });
    },
    dropped: (message, clientId, reason) => {
      // Its refusal was told, with the reason.
      if (reason !== "refused") this.tell("dropped", this.traced(message), clientId, { reason });
    },
    acknowledgementSent: (clientId, type, packetIdentifier, reasonCode) => {
      const direction = type === PacketType.PUBREL ? "out" : "in";
      const isLast = type === PacketType.PUBACK || type === PacketType.PUBCOMP || reasonCode >= 0x80;
      this.acknowledgement("acknowledged", direction, isLast, clientId, type, packetIdentifier, reasonCode);
    },
    acknowledgementReceived: (clientId, type, packetIdentifier, reasonCode) => {
      const direction = type === PacketType.PUBREL ? "in" : "out";
      const isLast = type === PacketType.PUBACK || type === PacketType.PUBCOMP || reasonCode >= 0x80;
      this.acknowledgement("acknowledgement", direction, isLast, clientId, type, packetIdentifier, reasonCode);
    },
  };

  private acknowledgement(
    step: "acknowledged" | "acknowledgement",
    direction: "in" | "out",
    isLast: boolean,
    clientId: string,
    type: number,
    packetIdentifier: number,
    reasonCode: number,
  ): void {
    const key = keyOf(direction, clientId, packetIdentifier);
    const traced = this.remembered.get(key);
    if (traced === undefined) return; // of a message that came before anybody looked
    if (isLast) this.remembered.delete(key);
    const by = step === "acknowledged" ? "broker" : "client";
    this.tell("acknowledged", traced, clientId, { by, packet: PACKET_NAMES.get(type), packetIdentifier, reasonCode });
  }

  private traced(message: ApplicationMessage): TracedMessage {
    const { topicName, publisherIdentifier } = message;
    return { number: this.numberOf(message), topicName, publisher: publisherIdentifier };
  }

  private numberOf(message: ApplicationMessage): number {
    let number = this.numbers.get(message);
    if (number === undefined) {
      number = this.next++;
      this.numbers.set(message, number);
    }
    return number;
  }

  private remember(direction: "in" | "out", clientId: string | undefined, identifier: number, traced: TracedMessage) {
    if (clientId === undefined) return;
    const { remembered } = this;
    const key = keyOf(direction, clientId, identifier);
    remembered.delete(key);
    remembered.set(key, traced);
    if (remembered.size <= REMEMBERED_MAX) return;
    const [oldest] = remembered.keys();
    remembered.delete(oldest);
  }

  /** `clientId` is whom the step is about besides the publisher. */
  private tell(
    step: string,
    { number, topicName, publisher }: TracedMessage,
    clientId: string | undefined,
    details: Readonly<Record<string, unknown>>,
    payloadOf?: ApplicationMessage,
  ): void {
    for (const { request, hear } of this.traces) {
      if (!this.isFollowed(request, topicName, publisher, clientId)) continue;
      const payload =
        payloadOf !== undefined && request.payloadBytes > 0
          ? describePayload(payloadOf.payload, request.payloadBytes)
          : undefined;
      const at = new Date().toISOString();
      hear({ step, at, message: number, topicName, publisher, clientId, ...details, ...payload });
    }
  }

  private isFollowed(
    { clientId, topicFilter, address }: TraceRequest,
    topicName: string,
    publisher: string | undefined,
    other: string | undefined,
  ): boolean {
    if (topicFilter !== undefined && !matches(topicFilter, topicName)) return false;
    if (clientId !== undefined && publisher !== clientId && other !== clientId) return false;
    return address === undefined || [publisher, other].some((one) => this.isAt(one, address));
  }

  private isAt(clientId: string | undefined, address: string): boolean {
    return clientId !== undefined && addressOf(this.broker.session(clientId)?.client) === address;
  }
}

function keyOf(direction: "in" | "out", clientId: string | undefined, packetIdentifier: number): string {
  return `${direction} ${packetIdentifier} ${clientId}`;
}
