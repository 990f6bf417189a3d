/** One connection of a check: packets, right ones and wrong ones, by hand. Nothing is answered by itself. */
import {
  type ConnackPacket,
  type ConnectPacket,
  type ControlPacket,
  type DisconnectPacket,
  encodePacket,
  PacketDecoder,
  type PacketError,
  PacketType,
  type PingrespPacket,
  type ProtocolVersion,
  type PubackPacket,
  type PubcompPacket,
  type PublishPacket,
  type PubrecPacket,
  type QoS,
  type SubackPacket,
  type SubscriptionRequest,
  type UnsubackPacket,
} from "@tidings/packet";
import type { ByteStream } from "@tidings/transport";

/** The fixed header of a short packet and its first two bytes. */
const HEAD_BYTES = 4;

/** The server did not do what a check waited for. Ends that check. */
export class ProbeFailure extends Error {}

/** How the server ended a connection. */
export interface ProbeEnd {
  /** Of its DISCONNECT; undefined: it just closed. */
  readonly reasonCode: number | undefined;
}

interface PacketOfType {
  [PacketType.CONNACK]: ConnackPacket;
  [PacketType.PUBLISH]: PublishPacket;
  [PacketType.PUBACK]: PubackPacket;
  [PacketType.PUBREC]: PubrecPacket;
  [PacketType.PUBCOMP]: PubcompPacket;
  [PacketType.SUBACK]: SubackPacket;
  [PacketType.UNSUBACK]: UnsubackPacket;
  [PacketType.PINGRESP]: PingrespPacket;
  [PacketType.DISCONNECT]: DisconnectPacket;
}

const NAMES = new Map<number, string>(Object.entries(PacketType).map(([name, type]) => [type, name]));

export class ProbeConnection {
  readonly version: ProtocolVersion;
  /** What came and was not asked for yet. */
  readonly packets: ControlPacket[] = [];
  /** The first bytes that came, for answers whose version is not known. */
  readonly head: number[] = [];
  isClosed = false;
  private readonly stream: ByteStream;
  private readonly answerMs: number;
  private broken: PacketError | undefined;
  private wake: () => void = () => {};
  private nextIdentifier = 1;

  constructor(stream: ByteStream, version: ProtocolVersion, answerMs: number) {
    this.stream = stream;
    this.version = version;
    this.answerMs = answerMs;
    const decoder = new PacketDecoder(
      { version },
      {
        onPacket: (packet) => {
          this.packets.push(packet);
          this.wake();
        },
        onError: (error) => {
          this.broken = error;
          this.wake();
        },
      },
    );
    stream.start({
      // Packets are kept: they must not point into a buffer that is used again.
      onBytes: (bytes, start, end) => {
        this.head.push(...bytes.subarray(start, Math.min(end, start + HEAD_BYTES - this.head.length)));
        decoder.push(new Uint8Array(bytes.subarray(start, end)));
      },
      onDrain: () => {},
      onClose: () => {
        this.isClosed = true;
        this.wake();
      },
    });
  }

  send(packet: ControlPacket): void {
    this.sendBytes(encodePacket(packet, this.version));
  }

  sendBytes(bytes: Uint8Array): void {
    this.stream.write(bytes);
  }

  /** The next packet of this type, wherever it stands. */
  async next<T extends keyof PacketOfType>(type: T, waitMs = this.answerMs): Promise<PacketOfType[T]> {
    const found = await this.nextOrNothing(type, waitMs);
    if (found !== undefined) return found;
    throw new ProbeFailure(this.silence(`no ${NAMES.get(type)}`));
  }

  /** Undefined when none came. */
  async nextOrNothing<T extends keyof PacketOfType>(
    type: T,
    waitMs = this.answerMs,
  ): Promise<PacketOfType[T] | undefined> {
    const take = (): PacketOfType[T] | undefined => {
      const index = this.packets.findIndex((packet) => packet.type === type);
      return index === -1 ? undefined : (this.packets.splice(index, 1)[0] as PacketOfType[T]);
    };
    return this.until(take, waitMs);
  }

  /** How the server ends it; undefined when it does not. */
  async end(waitMs = this.answerMs): Promise<ProbeEnd | undefined> {
    const isOver = await this.until(() => this.isClosed || undefined, waitMs);
    const disconnect = this.packets.find((packet) => packet.type === PacketType.DISCONNECT);
    if (isOver === undefined && disconnect === undefined) return undefined;
    return { reasonCode: this.version === 5 ? disconnect?.reasonCode : undefined };
  }

  /** The code of a CONNACK of any version; undefined when none comes. */
  async connackCode(): Promise<number | undefined> {
    const code = () => (this.head.length === HEAD_BYTES && this.head[0] === 0x20 ? this.head[3] : undefined);
    await this.until(() => code() ?? (this.isClosed || undefined), this.answerMs).catch(() => {}); // it need not be our version
    return code();
  }

  async subscribe(
    topicFilter: string,
    options: Partial<SubscriptionRequest> = {},
    subscriptionIdentifier?: number,
  ): Promise<number> {
    const subscription = {
      topicFilter,
      qos: 0 as QoS,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
    };
    this.send({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: this.identifier(),
      subscriptions: [{ ...subscription, ...options }],
      ...(subscriptionIdentifier !== undefined && {
        properties: { subscriptionIdentifiers: [subscriptionIdentifier] },
      }),
    });
    return (await this.next(PacketType.SUBACK)).reasonCodes[0];
  }

  /** Sends it and completes its handshake. Returns the Reason Code. */
  async publish(topicName: string, text: string, options: Partial<PublishPacket> = {}): Promise<number> {
    const packet = this.publishPacket(topicName, text, options);
    this.send(packet);
    const { packetIdentifier = 0 } = packet;
    if (packet.qos === 0) return 0;
    if (packet.qos === 1) return (await this.next(PacketType.PUBACK)).reasonCode;
    const { reasonCode } = await this.next(PacketType.PUBREC);
    if (reasonCode >= 0x80) return reasonCode;
    this.send({ type: PacketType.PUBREL, packetIdentifier, reasonCode: 0 });
    return (await this.next(PacketType.PUBCOMP)).reasonCode;
  }

  publishPacket(topicName: string, text: string, options: Partial<PublishPacket> = {}): PublishPacket {
    const qos = options.qos ?? 0;
    return {
      type: PacketType.PUBLISH,
      ...{ dup: false, qos, retain: false, topicName },
      payload: new TextEncoder().encode(text),
      ...(qos > 0 && { packetIdentifier: this.identifier() }),
      ...options,
    };
  }

  /** The next message, acknowledged. */
  async message(waitMs = this.answerMs): Promise<PublishPacket> {
    const packet = await this.next(PacketType.PUBLISH, waitMs);
    this.acknowledge(packet);
    return packet;
  }

  acknowledge({ qos, packetIdentifier = 0 }: PublishPacket): void {
    if (qos === 1) this.send({ type: PacketType.PUBACK, packetIdentifier, reasonCode: 0 });
    if (qos !== 2) return;
    this.send({ type: PacketType.PUBREC, packetIdentifier, reasonCode: 0 });
    this.send({ type: PacketType.PUBCOMP, packetIdentifier, reasonCode: 0 });
  }

  /** Messages that are here once the server has answered a PINGREQ and a little time has passed. */
  async messagesSoFar(waitMs = 150): Promise<PublishPacket[]> {
    this.send({ type: PacketType.PINGREQ });
    await this.next(PacketType.PINGRESP);
    await this.until(() => undefined, waitMs);
    return this.packets.filter((packet) => packet.type === PacketType.PUBLISH);
  }

  identifier(): number {
    return this.nextIdentifier++;
  }

  disconnect(reasonCode = 0): void {
    if (!this.isClosed) this.send({ type: PacketType.DISCONNECT, reasonCode });
    this.stream.end();
  }

  /** Without a DISCONNECT. */
  cut(): void {
    this.stream.destroy();
  }

  private async until<T>(take: () => T | undefined, waitMs: number): Promise<T | undefined> {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const found = take();
      if (found !== undefined) return found;
      if (this.broken !== undefined) throw new ProbeFailure(`sent a malformed packet: ${this.broken.message}`);
      const restMs = deadline - performance.now();
      if (restMs <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, restMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  private silence(what: string): string {
    const disconnect = this.packets.find((packet) => packet.type === PacketType.DISCONNECT);
    if (disconnect !== undefined) return `${what}, but DISCONNECT 0x${disconnect.reasonCode.toString(16)}`;
    return this.isClosed ? `${what}: it closed the connection` : `${what} within ${this.answerMs} ms`;
  }
}

/** A CONNECT as plain as can be. */
export function connectPacket(
  version: ProtocolVersion,
  clientIdentifier: string,
  options: Partial<ConnectPacket> = {},
): ConnectPacket {
  return {
    type: PacketType.CONNECT,
    protocolVersion: version,
    cleanStart: true,
    keepAlive: 60,
    clientIdentifier,
    ...options,
  };
}
