/**
 * Clients on byte streams that only count, driven through a `StreamHost` turn by turn: for tests of how much work a turn
 * costs. Writes are decoded, so that packets per write can be told.
 */
import {
  type ControlPacket,
  encodePacket,
  PacketDecoder,
  PacketType,
  type ProtocolVersion,
  type QoS,
} from "@tidings/packet";
import type { ByteStream, ByteStreamHandler } from "@tidings/transport";
import { Broker } from "../broker.js";
import type { BrokerOptions } from "../broker-options.js";
import { StreamHost } from "../stream-host.js";

/** A broker whose turns end when the test says so. */
export class CountedBroker {
  readonly broker: Broker;
  readonly host: StreamHost;
  /** Turns that the host asked to end. */
  turnsScheduled = 0;
  private tasks: (() => void)[] = [];

  constructor(options: BrokerOptions = {}) {
    this.broker = new Broker(options);
    this.host = new StreamHost(this.broker, {
      now: () => 1_000_000,
      afterTurn: (task) => {
        this.turnsScheduled += 1;
        this.tasks.push(task);
      },
      after: () => () => {},
    });
  }

  endTurn(): void {
    for (const task of this.tasks.splice(0)) task();
  }

  connect(clientIdentifier: string, version: ProtocolVersion = 4): CountedStream {
    const stream = new CountedStream(version);
    this.host.accept(stream);
    stream.bring({
      type: PacketType.CONNECT,
      protocolVersion: version,
      cleanStart: true,
      keepAlive: 0,
      clientIdentifier,
    });
    this.endTurn();
    stream.reset();
    return stream;
  }

  subscriber(clientIdentifier: string, topicFilter: string, qos: QoS, version: ProtocolVersion = 4): CountedStream {
    const stream = this.connect(clientIdentifier, version);
    const subscription = { topicFilter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    stream.bring({ type: PacketType.SUBSCRIBE, packetIdentifier: 1, subscriptions: [subscription] });
    this.endTurn();
    stream.reset();
    return stream;
  }

  /** Ends turns until one writes nothing: the streams answer nothing, so that is soon. */
  settle(): void {
    for (let i = 0; i < 3; i++) this.endTurn();
  }
}

export class CountedStream implements ByteStream {
  readonly peer = { transport: "memory" } as const;
  readonly bufferedBytes = 0;
  /** Packets in each write since `reset`. */
  packetsPerWrite: number[] = [];
  received: ControlPacket[] = [];
  private handler!: ByteStreamHandler;
  private readonly decoder: PacketDecoder;

  constructor(private readonly version: ProtocolVersion) {
    this.decoder = new PacketDecoder(
      { version },
      {
        onPacket: (packet) => void this.received.push(packet),
        onError: (error) => {
          throw error;
        },
      },
    );
  }

  get writes(): number {
    return this.packetsPerWrite.length;
  }

  reset(): void {
    this.packetsPerWrite = [];
    this.received = [];
  }

  /** Packets arrive, all in one read. */
  bring(...packets: ControlPacket[]): void {
    this.bringBytes(Buffer.concat(packets.map((packet) => encodePacket(packet, this.version))));
  }

  bringBytes(bytes: Uint8Array): void {
    this.handler.onBytes(bytes, 0, bytes.length);
  }

  start(handler: ByteStreamHandler): void {
    this.handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    const before = this.received.length;
    this.decoder.push(new Uint8Array(bytes));
    this.packetsPerWrite.push(this.received.length - before);
    return true;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    return this.write(Buffer.concat(parts));
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}
