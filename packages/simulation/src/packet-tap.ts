/**
 * Reads along at one end of a connection: every packet in both directions, as the client sends and receives them. Checks
 * what a protocol that is kept to never shows; whoever owns it learns of the rest.
 */
import {
  type ConnackPacket,
  type ControlPacket,
  PacketDecoder,
  PacketType,
  type ProtocolVersion,
  type SubackPacket,
  type SubscriptionRequest,
  type UnsubackPacket,
} from "@tidings/packet";

export interface TapOwner {
  packet(direction: "in" | "out", packet: ControlPacket): void;
  connected(packet: ConnackPacket): void;
  subscribed(requests: readonly SubscriptionRequest[], packet: SubackPacket): void;
  unsubscribed(topicFilters: readonly string[], packet: UnsubackPacket): void;
  violated(what: string): void;
}

const RECEIVE_MAXIMUM_DEFAULT = 65_535;

export class PacketTap {
  /** Lets a test change what the client sends. */
  rewrite: ((packets: readonly ControlPacket[]) => Uint8Array | undefined) | undefined;
  private readonly incoming: PacketDecoder;
  private readonly outgoing: PacketDecoder;
  private written: ControlPacket[] = [];
  private readonly subscribes = new Map<number, readonly SubscriptionRequest[]>();
  private readonly unsubscribes = new Map<number, readonly string[]>();
  /** QoS 1 and 2 PUBLISH packets of this connection without their last answer, by direction and identifier. */
  private readonly openIn = new Set<number>();
  private readonly openOut = new Set<number>();
  /** PUBREC went out, so PUBLISH must not come again for it before PUBCOMP. */
  private receiveMaximumIn = RECEIVE_MAXIMUM_DEFAULT;
  private receiveMaximumOut = RECEIVE_MAXIMUM_DEFAULT;
  private readonly releasedOut = new Set<number>();

  constructor(
    readonly version: ProtocolVersion,
    private readonly owner: TapOwner,
  ) {
    this.incoming = this.decoder("in", (packet) => this.handleIncoming(packet));
    this.outgoing = this.decoder("out", (packet) => this.handleOutgoing(packet));
  }

  read(bytes: Uint8Array): void {
    this.incoming.push(Uint8Array.from(bytes));
  }

  write(bytes: Uint8Array): Uint8Array {
    this.written = [];
    this.outgoing.push(Uint8Array.from(bytes));
    return this.rewrite?.(this.written) ?? bytes;
  }

  private decoder(direction: "in" | "out", handle: (packet: ControlPacket) => void): PacketDecoder {
    const { version, owner } = this;
    return new PacketDecoder(
      { version },
      {
        onPacket: (packet) => {
          owner.packet(direction, packet);
          handle(packet);
        },
        onError: (error) => owner.violated(`cannot read what goes ${direction}: ${error.message}`),
      },
    );
  }

  private handleIncoming(packet: ControlPacket): void {
    const { owner } = this;
    switch (packet.type) {
      case PacketType.CONNACK:
        this.receiveMaximumOut = packet.properties?.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT;
        owner.connected(packet);
        break;
      case PacketType.SUBACK: {
        const requests = this.subscribes.get(packet.packetIdentifier);
        if (requests !== undefined) owner.subscribed(requests, packet);
        this.subscribes.delete(packet.packetIdentifier);
        break;
      }
      case PacketType.UNSUBACK: {
        const filters = this.unsubscribes.get(packet.packetIdentifier);
        if (filters !== undefined) owner.unsubscribed(filters, packet);
        this.unsubscribes.delete(packet.packetIdentifier);
        break;
      }
      case PacketType.PUBLISH:
        if (packet.qos === 0) break;
        if (this.openIn.has(packet.packetIdentifier as number)) {
          owner.violated(`PUBLISH with identifier ${packet.packetIdentifier} came twice on one connection`);
        }
        this.openIn.add(packet.packetIdentifier as number);
        if (this.version === 5 && this.openIn.size > this.receiveMaximumIn) {
          owner.violated(`${this.openIn.size} messages under way, Receive Maximum is ${this.receiveMaximumIn}`);
        }
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.openOut.delete(packet.packetIdentifier);
        this.releasedOut.delete(packet.packetIdentifier);
        break;
      case PacketType.PUBREC:
        if (packet.reasonCode >= 0x80) this.openOut.delete(packet.packetIdentifier);
        break;
    }
  }

  private handleOutgoing(packet: ControlPacket): void {
    const { owner } = this;
    this.written.push(packet);
    switch (packet.type) {
      case PacketType.CONNECT:
        this.receiveMaximumIn = packet.properties?.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT;
        break;
      case PacketType.SUBSCRIBE:
        this.subscribes.set(packet.packetIdentifier, packet.subscriptions);
        break;
      case PacketType.UNSUBSCRIBE:
        this.unsubscribes.set(packet.packetIdentifier, packet.topicFilters);
        break;
      case PacketType.PUBLISH: {
        if (packet.qos === 0) break;
        const identifier = packet.packetIdentifier as number;
        if (this.openOut.has(identifier)) owner.violated(`identifier ${identifier} was used while it is in use`);
        if (this.releasedOut.has(identifier)) owner.violated(`PUBLISH ${identifier} was sent behind its PUBREL`);
        this.openOut.add(identifier);
        if (this.version === 5 && this.openOut.size > this.receiveMaximumOut) {
          owner.violated(`${this.openOut.size} messages sent at once, Receive Maximum is ${this.receiveMaximumOut}`);
        }
        break;
      }
      case PacketType.PUBREL:
        if (packet.reasonCode < 0x80) this.releasedOut.add(packet.packetIdentifier);
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.openIn.delete(packet.packetIdentifier);
        break;
      case PacketType.PUBREC:
        if (packet.reasonCode >= 0x80) this.openIn.delete(packet.packetIdentifier);
        break;
    }
  }
}
