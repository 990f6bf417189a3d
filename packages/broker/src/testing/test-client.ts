/**
 * The far end of a connection, as a test sees it: sends packets or bytes, and holds what came back as plain objects.
 */
import {
  type ControlPacket,
  encodePacket,
  PacketDecoder,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type SubscriptionRequest,
} from "@tidings/packet";
import type { Connection } from "../connection.js";
import type { ConnectionHost } from "../connection-host.js";
import type { ListenerFacts } from "../listener-facts.js";
import type { BrokerHarness } from "./broker-harness.js";

export class TestClient implements ConnectionHost {
  /** Packets from the broker that no `take` has removed, oldest first. */
  received: ControlPacket[] = [];
  /** All bytes from the broker. */
  readonly bytes: number[] = [];
  /** The broker closed the connection. */
  isClosed = false;
  /** The broker does not read. */
  isPaused = false;
  /** While true the client's network takes nothing: writes are held until `drain`. */
  stalled = false;
  readonly connection: Connection;
  private held: Uint8Array[] = [];
  private wanted = false;
  private readonly decoder: PacketDecoder;
  private nextPacketIdentifier = 1;

  constructor(
    private readonly harness: BrokerHarness,
    readonly version: ProtocolVersion,
    listener?: ListenerFacts,
  ) {
    this.decoder = new PacketDecoder(
      { version },
      {
        onPacket: (packet) => void this.received.push(packet),
        onError: (error) => {
          throw error;
        },
      },
    );
    const connection = harness.broker.accept(this, harness.nowMs, { name: "test" }, listener);
    if (connection === undefined) throw new Error("the broker takes no more connections");
    this.connection = connection;
  }

  /** Sends a packet, and ends the turn for everybody. */
  send(packet: ControlPacket): this {
    return this.sendBytes(encodePacket(packet, this.version));
  }

  sendBytes(bytes: Uint8Array | readonly number[]): this {
    // A copy that is wiped afterwards: what the broker keeps without owning it shows.
    const input = Uint8Array.from(bytes);
    this.connection.receive(input, 0, input.length, this.harness.nowMs);
    input.fill(0xee);
    this.harness.endTurn();
    return this;
  }

  subscribe(
    topicFilter: string,
    options: Partial<SubscriptionRequest> & { subscriptionIdentifier?: number } = {},
  ): this {
    const { subscriptionIdentifier, ...rest } = options;
    return this.send({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: this.packetIdentifier(),
      subscriptions: [{ topicFilter, qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0, ...rest }],
      properties:
        subscriptionIdentifier === undefined ? undefined : { subscriptionIdentifiers: [subscriptionIdentifier] },
    });
  }

  /** Subscribes and takes SUBACK out of `received`. Retained messages stay there. */
  subscribed(
    topicFilter: string,
    options: Partial<SubscriptionRequest> & { subscriptionIdentifier?: number } = {},
  ): this {
    this.subscribe(topicFilter, options);
    this.takeFirst(PacketType.SUBACK);
    return this;
  }

  publish(topicName: string, payload: string | Uint8Array = "", options: Partial<PublishPacket> = {}): this {
    const qos = options.qos ?? 0;
    return this.send({
      type: PacketType.PUBLISH,
      dup: false,
      qos,
      retain: false,
      topicName,
      packetIdentifier: qos === 0 ? undefined : this.packetIdentifier(),
      payload: typeof payload === "string" ? new TextEncoder().encode(payload) : payload,
      ...options,
    });
  }

  acknowledge(
    type: typeof PacketType.PUBACK | typeof PacketType.PUBREC | typeof PacketType.PUBREL | typeof PacketType.PUBCOMP,
    packetIdentifier: number,
    reasonCode = 0,
  ): this {
    return this.send({ type, packetIdentifier, reasonCode });
  }

  /** DISCONNECT, then the close. */
  disconnect(reasonCode = 0): void {
    this.send({ type: PacketType.DISCONNECT, reasonCode });
    this.drop();
  }

  /** The network connection breaks without a word. */
  drop(): void {
    this.connection.transportClosed(this.harness.nowMs);
    this.harness.endTurn();
  }

  /** All packets received so far; the next call answers with what came since. */
  take(): ControlPacket[] {
    const packets = this.received;
    this.received = [];
    return packets;
  }

  /** The PUBLISH packets received so far, taken out. */
  messages(): PublishPacket[] {
    const messages = this.received.filter((packet): packet is PublishPacket => packet.type === PacketType.PUBLISH);
    this.received = this.received.filter((packet) => packet.type !== PacketType.PUBLISH);
    return messages;
  }

  /** Payloads of the PUBLISH packets received so far, as text. */
  payloads(): string[] {
    return this.messages().map((message) => new TextDecoder().decode(message.payload));
  }

  /** The first packet of a type, taken out; throws when there is none. */
  takeFirst<T extends PacketType>(type: T): Extract<ControlPacket, { type: T }> {
    const index = this.received.findIndex((packet) => packet.type === type);
    if (index < 0) throw new Error(`no packet of type ${type} in ${JSON.stringify(this.received)}`);
    return this.received.splice(index, 1)[0] as Extract<ControlPacket, { type: T }>;
  }

  packetIdentifier(): number {
    return this.nextPacketIdentifier++;
  }

  /** The network takes what was held, and goes on taking. */
  drain(): void {
    this.stalled = false;
    for (const bytes of this.held.splice(0)) this.arrive(bytes);
    this.connection.transportDrained(this.harness.nowMs);
    this.harness.endTurn();
  }

  // The broker's side.

  flush(): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.connection.flush();
  }

  wantsFlush(): void {
    this.wanted = true;
  }

  write(bytes: Uint8Array): boolean {
    if (this.stalled) {
      this.held.push(bytes);
      return false;
    }
    this.arrive(bytes);
    return true;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    return parts.map((part) => this.write(part)).every((taken) => taken);
  }

  wantsClose(): void {
    this.isClosed = true;
  }

  wantsPause(paused: boolean): void {
    this.isPaused = paused;
  }

  private arrive(bytes: Uint8Array): void {
    for (const byte of bytes) this.bytes.push(byte);
    // A copy, which `slice` of a Buffer is not: the broker may reuse its block.
    this.decoder.push(Uint8Array.from(bytes));
  }
}
