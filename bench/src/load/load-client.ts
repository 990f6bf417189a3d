/**
 * One client of the load: a bare stream that speaks just enough MQTT to publish numbered messages, and to check and
 * acknowledge those that come back.
 */
import { encodePacket, PacketType, type ProtocolVersion, type QoS } from "@tidings/packet";
import type { ByteStream } from "@tidings/transport";
import { connectTcp, connectTls } from "@tidings/transport/node";
import type { TrafficParameters } from "../scenarios/scenario.js";
import { FrameCounter, type FrameSink } from "./frame-counter.js";

/** Publisher number and sequence number, four bytes each, at the start of every payload. */
const PAYLOAD_BYTES_MIN = 8;
/** Then the time when it was due, where that is measured. */
const TIMED_PAYLOAD_BYTES_MIN = 16;

export interface LoadClientOptions {
  port: number;
  protocolVersion: ProtocolVersion;
  clientIdentifier: string;
  /** Every message of a publisher comes here, in order. Default true. */
  ordered?: boolean;
  /** The session outlives the connection: for 3.1.1. Default false. */
  persistent?: boolean;
  /** Default false. */
  tls?: boolean;
}

export class LoadClient implements FrameSink {
  /** Messages received. */
  deliveries = 0;
  /** Messages lost, doubled or out of order, and anything else that may not happen. */
  errors: string[] = [];
  /** PUBACK and PUBCOMP received. */
  acknowledged = 0;
  /** Called with the time that a payload carries. */
  onTimed: ((dueMs: number) => void) | undefined = undefined;
  /** Called behind each chunk that was read. */
  onProgress: () => void = () => {};
  private readonly counter = new FrameCounter(this);
  private readonly lastSequence: number[] = [];
  private answers = Buffer.allocUnsafe(65_536);
  private answersLength = 0;
  private waiting: { type: number; resolve: () => void } | undefined;
  private closing = false;

  private constructor(
    readonly stream: ByteStream,
    private readonly protocolVersion: ProtocolVersion,
    private readonly ordered: boolean,
  ) {
    stream.start({
      onBytes: (bytes, start, end) => {
        this.counter.push(bytes.subarray(start, end));
        if (this.answersLength > 0) this.writeAnswers();
        this.onProgress();
      },
      onDrain: () => {},
      onClose: (error) => {
        if (!this.closing) this.errors.push(error?.message ?? "closed by the broker");
      },
    });
  }

  /** Resolves with CONNACK. */
  static async open(options: LoadClientOptions): Promise<LoadClient> {
    const { port, protocolVersion, clientIdentifier, ordered = true, persistent = false, tls = false } = options;
    const place = { host: "127.0.0.1", port };
    const stream = await (tls ? connectTls({ ...place, tls: { rejectUnauthorized: false } }) : connectTcp(place));
    const client = new LoadClient(stream, protocolVersion, ordered);
    const packet = encodePacket(
      {
        type: PacketType.CONNECT,
        protocolVersion,
        cleanStart: !persistent,
        keepAlive: 0,
        clientIdentifier,
        properties: protocolVersion === 5 ? { topicAliasMaximum: 10 } : undefined,
      },
      protocolVersion,
    );
    await client.request(packet, PacketType.CONNACK);
    return client;
  }

  async subscribe(topicFilters: readonly string[], qos: QoS): Promise<void> {
    const subscriptions = topicFilters.map((topicFilter) => ({
      topicFilter,
      qos,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
    }));
    const packet = { type: PacketType.SUBSCRIBE, packetIdentifier: 1, subscriptions };
    await this.request(encodePacket(packet, this.protocolVersion), PacketType.SUBACK);
  }

  /** The last message of a publisher that came here. */
  sequenceOf(publisher: number): number {
    return this.lastSequence[publisher] ?? 0;
  }

  close(): void {
    this.closing = true;
    this.stream.destroy();
  }

  onFrame(first: number, bytes: Uint8Array, bodyStart: number, end: number): void {
    const type = first >> 4;
    if (type === PacketType.PUBLISH) this.takePublish(first, bytes, bodyStart, end);
    else if (type === PacketType.PUBACK || type === PacketType.PUBCOMP) this.takeAcknowledgement(bytes, bodyStart, end);
    else if (type === PacketType.PUBREC) this.answer(0x62, bytes[bodyStart], bytes[bodyStart + 1]);
    else if (type === PacketType.PUBREL) this.answer(0x70, bytes[bodyStart], bytes[bodyStart + 1]);
    else if (this.waiting?.type === type) {
      const refused = type === PacketType.CONNACK ? bytes[bodyStart + 1] !== 0 : bytes[end - 1] >= 0x80;
      if (refused) this.errors.push(`packet type ${type} carries a refusal`);
      this.waiting.resolve();
      this.waiting = undefined;
    } else this.errors.push(`unexpected packet type ${type}`);
  }

  private takePublish(first: number, bytes: Uint8Array, bodyStart: number, end: number): void {
    let at = bodyStart + 2 + ((bytes[bodyStart] << 8) | bytes[bodyStart + 1]);
    const qos = (first >> 1) & 3;
    if (qos > 0) {
      this.answer(qos === 1 ? 0x40 : 0x50, bytes[at], bytes[at + 1]);
      at += 2;
    }
    if (this.protocolVersion === 5) at += 1 + bytes[at]; // the load's properties are shorter than 128 bytes
    const publisher = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    const sequence = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
    if (this.ordered) {
      const expected = (this.lastSequence[publisher] ?? 0) + 1;
      if (sequence !== expected && this.errors.length < 10) {
        this.errors.push(`publisher ${publisher}: message ${sequence} came where ${expected} was due`);
      }
    }
    this.lastSequence[publisher] = sequence;
    if (this.onTimed !== undefined) {
      this.onTimed(Buffer.from(bytes.buffer, bytes.byteOffset + at + PAYLOAD_BYTES_MIN, 8).readDoubleBE(0));
    }
    if (end < at + PAYLOAD_BYTES_MIN) this.errors.push("a payload is too short");
    this.deliveries += 1;
  }

  private takeAcknowledgement(bytes: Uint8Array, bodyStart: number, end: number): void {
    if (end - bodyStart > 2 && bytes[bodyStart + 2] >= 0x80) this.errors.push(`refused with ${bytes[bodyStart + 2]}`);
    this.acknowledged += 1;
  }

  private answer(first: number, identifierHigh: number, identifierLow: number): void {
    if (this.answersLength + 4 > this.answers.length) this.writeAnswers();
    const { answers } = this;
    answers[this.answersLength++] = first;
    answers[this.answersLength++] = 2;
    answers[this.answersLength++] = identifierHigh;
    answers[this.answersLength++] = identifierLow;
  }

  private writeAnswers(): void {
    const taken = this.stream.write(this.answers.subarray(0, this.answersLength));
    if (!taken) this.answers = Buffer.allocUnsafe(65_536);
    this.answersLength = 0;
  }

  private request(packet: Uint8Array, type: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = { type, resolve };
      this.stream.write(packet);
    });
  }
}

/** Writes numbered messages of one topic, many to a write. */
export class LoadPublisher {
  /** Messages sent; the last one's sequence number. */
  sent = 0;
  private readonly template: Uint8Array;
  private readonly identifierAt: number;
  private readonly payloadAt: number;
  /** Written anew for each write, unless the last one is still under way. */
  private scratch = Buffer.alloc(0);

  constructor(
    readonly client: LoadClient,
    private readonly number: number,
    topicName: string,
    parameters: Pick<TrafficParameters, "qos" | "protocolVersion" | "payloadBytes" | "withProperties">,
  ) {
    const { qos, protocolVersion, payloadBytes, withProperties } = parameters;
    const userProperties = [
      ["site", "north"],
      ["unit", "celsius"],
    ] as const;
    const encode = (topic: string): Uint8Array =>
      encodePacket(
        {
          type: PacketType.PUBLISH,
          dup: false,
          qos,
          retain: false,
          topicName: topic,
          packetIdentifier: qos === 0 ? undefined : 65_535,
          payload: Buffer.alloc(payloadBytes, 0x2e),
          properties: withProperties ? { topicAlias: 1, userProperties: [...userProperties] } : undefined,
        },
        protocolVersion,
      );
    this.template = encode(topicName);
    if (withProperties) {
      // The first message names the topic and sets the alias that stands for it from then on.
      const announce = Buffer.from(encode(topicName));
      announce.writeUInt32BE(number, announce.length - payloadBytes);
      announce.writeUInt32BE((this.sent = 1), announce.length - payloadBytes + 4);
      client.stream.write(announce);
      this.template = encode("");
    }
    this.payloadAt = this.template.length - payloadBytes;
    const lengthBytes = this.template[1] < 0x80 ? 1 : 2;
    this.identifierAt = qos === 0 ? -1 : 1 + lengthBytes + 2 + (withProperties ? 0 : Buffer.byteLength(topicName));
  }

  /** Sends `count` messages in one write; `dueMs` goes into the payload where latency is measured. */
  send(count: number, dueMs?: number): void {
    const { template, identifierAt, payloadAt } = this;
    const size = count * template.length;
    if (this.scratch.length < size) this.scratch = Buffer.allocUnsafeSlow(size);
    const bytes = this.scratch;
    for (let i = 0, at = 0; i < count; i++, at += template.length) {
      bytes.set(template, at);
      this.sent += 1;
      const { sent } = this;
      if (identifierAt > 0) {
        const identifier = 1 + (sent % 65_534);
        bytes[at + identifierAt] = identifier >> 8;
        bytes[at + identifierAt + 1] = identifier & 0xff;
      }
      bytes.writeUInt32BE(this.number, at + payloadAt);
      bytes.writeUInt32BE(sent, at + payloadAt + 4);
      if (dueMs !== undefined && template.length - payloadAt >= TIMED_PAYLOAD_BYTES_MIN) {
        bytes.writeDoubleBE(dueMs, at + payloadAt + 8);
      }
    }
    if (!this.client.stream.write(bytes.subarray(0, size))) this.scratch = Buffer.alloc(0);
  }
}
