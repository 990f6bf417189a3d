/** The far end of a client's connection, played by a test: sends packets or bytes, and holds what came as plain objects. */
import {
  type ConnackPacket,
  type ConnectPacket,
  type ControlPacket,
  encodePacket,
  PacketDecoder,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
} from "@tidings/packet";
import type { ByteStream, ByteStreamHandler } from "@tidings/transport";

export class ServerConnection implements ByteStreamHandler {
  /** Packets from the client that no `take` has removed, oldest first. */
  received: ControlPacket[] = [];
  /** All bytes from the client. */
  readonly bytes: number[] = [];
  /** The CONNECT. */
  connect: ConnectPacket | undefined;
  /** The stream is over. */
  isClosed = false;
  /** Called with each packet, after it was noted. */
  onPacket: (packet: ControlPacket) => void = () => {};
  private readonly decoder: PacketDecoder;
  private inputLeft = Number.POSITIVE_INFINITY;
  private onInputEnd: () => void = () => {};

  constructor(
    readonly stream: ByteStream,
    private readonly schedule: (task: () => void) => void,
  ) {
    this.decoder = new PacketDecoder(
      {},
      {
        onPacket: (packet) => {
          if (packet.type === PacketType.CONNECT) this.connect = packet;
          this.received.push(packet);
          this.onPacket(packet);
        },
        onError: (error) => {
          throw error;
        },
      },
    );
    stream.start(this);
  }

  get version(): ProtocolVersion {
    return this.decoder.version;
  }

  send(packet: ControlPacket): this {
    return this.sendBytes(encodePacket(packet, this.version));
  }

  sendBytes(bytes: Uint8Array | readonly number[]): this {
    this.stream.write(Uint8Array.from(bytes));
    return this;
  }

  connack(properties?: ConnackPacket["properties"], sessionPresent = false): this {
    return this.send({ type: PacketType.CONNACK, sessionPresent, reasonCode: 0, properties });
  }

  refuse(reasonCode: number, properties?: ConnackPacket["properties"]): this {
    return this.send({ type: PacketType.CONNACK, sessionPresent: false, reasonCode, properties });
  }

  publish(topicName: string, payload: string | Uint8Array, options: Partial<PublishPacket> = {}): this {
    return this.send({
      type: PacketType.PUBLISH,
      dup: false,
      qos: 0,
      retain: false,
      topicName,
      payload: typeof payload === "string" ? new TextEncoder().encode(payload) : payload,
      ...options,
    });
  }

  acknowledge(type: 4 | 5 | 6 | 7, packetIdentifier: number, reasonCode = 0): this {
    return this.send({ type, packetIdentifier, reasonCode });
  }

  /** Answers what a client asks as a server would that takes everything. Only what a test does not answer itself. */
  serve(types: readonly PacketType[] = SERVED): this {
    this.onPacket = (packet) => {
      if (types.includes(packet.type)) this.answer(packet);
    };
    return this;
  }

  /** Of the client's bytes only so many arrive; with the last one `end` is called. */
  limitInput(bytes: number, end: () => void): void {
    this.inputLeft = bytes;
    this.onInputEnd = end;
    if (bytes <= 0) end();
  }

  /** Calls `task` when what was sent until now has reached the client. */
  afterDelivery(task: () => void): void {
    this.schedule(() => this.schedule(() => this.schedule(task)));
  }

  /** The stream breaks without a word. */
  drop(): void {
    this.stream.destroy();
  }

  /** All packets received so far; the next call answers with what came since. */
  take(): ControlPacket[] {
    const packets = this.received;
    this.received = [];
    return packets;
  }

  /** The packets of one type received so far, taken out. */
  takeAll<T extends PacketType>(type: T): Extract<ControlPacket, { type: T }>[] {
    const taken = this.received.filter((packet) => packet.type === type);
    this.received = this.received.filter((packet) => packet.type !== type);
    return taken as Extract<ControlPacket, { type: T }>[];
  }

  /** The first packet of a type, taken out; throws when there is none. */
  takeFirst<T extends PacketType>(type: T): Extract<ControlPacket, { type: T }> {
    const index = this.received.findIndex((packet) => packet.type === type);
    if (index < 0) throw new Error(`no packet of type ${type} in ${JSON.stringify(this.received)}`);
    return this.received.splice(index, 1)[0] as Extract<ControlPacket, { type: T }>;
  }

  // The stream's side.

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const taken = Uint8Array.from(bytes.subarray(start, Math.min(end, start + this.inputLeft)));
    for (const byte of taken) this.bytes.push(byte);
    this.inputLeft -= taken.length;
    this.decoder.push(taken);
    if (this.inputLeft <= 0) this.onInputEnd();
  }

  onDrain(): void {}

  onClose(): void {
    this.isClosed = true;
  }

  private answer(packet: ControlPacket): void {
    switch (packet.type) {
      case PacketType.CONNECT:
        this.connack();
        break;
      case PacketType.PUBLISH:
        if (packet.qos === 1) this.acknowledge(PacketType.PUBACK, packet.packetIdentifier as number);
        if (packet.qos === 2) this.acknowledge(PacketType.PUBREC, packet.packetIdentifier as number);
        break;
      case PacketType.PUBREC:
        this.acknowledge(PacketType.PUBREL, packet.packetIdentifier);
        break;
      case PacketType.PUBREL:
        this.acknowledge(PacketType.PUBCOMP, packet.packetIdentifier);
        break;
      case PacketType.SUBSCRIBE: {
        const reasonCodes = packet.subscriptions.map(({ qos }) => qos);
        this.send({ type: PacketType.SUBACK, packetIdentifier: packet.packetIdentifier, reasonCodes });
        break;
      }
      case PacketType.UNSUBSCRIBE: {
        const reasonCodes = this.version === 5 ? packet.topicFilters.map(() => 0) : [];
        this.send({ type: PacketType.UNSUBACK, packetIdentifier: packet.packetIdentifier, reasonCodes });
        break;
      }
      case PacketType.PINGREQ:
        this.send({ type: PacketType.PINGRESP });
        break;
    }
  }
}

const SERVED: readonly PacketType[] = [
  PacketType.CONNECT,
  PacketType.PUBLISH,
  PacketType.PUBREC,
  PacketType.PUBREL,
  PacketType.SUBSCRIBE,
  PacketType.UNSUBSCRIBE,
  PacketType.PINGREQ,
];
