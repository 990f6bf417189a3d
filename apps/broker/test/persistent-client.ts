/**
 * A client over TCP that never gives up: it connects again and again to one port, keeps its session, sends again what was
 * not acknowledged, and takes every QoS 2 message once. Made of the codec and of the session state that brokers and
 * clients share; a test reads what it knows at any moment.
 */
import { connect, type Socket } from "node:net";
import {
  type ControlPacket,
  encodePacket,
  PacketDecoder,
  PacketType,
  type PublishPacket,
  type QoS,
} from "@tidings/packet";
import { type Delivery, InboundDelivery, OutboundDelivery } from "@tidings/session";

const RECONNECT_MS = 20;
const CONNACK_MS_MAX = 5000;

export interface OutgoingMessage extends Delivery {
  readonly topicName: string;
  readonly number: number;
  readonly retain: boolean;
}

export interface PersistentClientOptions {
  readonly clientIdentifier: string;
  readonly protocolVersion: 4 | 5;
  readonly port: number;
  /** A message arrived: at QoS 2 once, at QoS 1 perhaps again. */
  readonly onMessage?: (packet: PublishPacket) => void;
  /** A message is acknowledged. */
  readonly onAcknowledged?: (message: OutgoingMessage) => void;
}

export class PersistentClient {
  /** CONNACK came, and the connection is still there. */
  isConnected = false;
  /** The server had no session when this client knew of one: whatever it held is lost. */
  sessionsLost = 0;
  private readonly outbound: OutboundDelivery<OutgoingMessage>;
  private readonly inbound = new InboundDelivery();
  private socket: Socket | undefined = undefined;
  private timer: NodeJS.Timeout | undefined = undefined;
  private knowsSession = false;
  private wanted = true;
  /** SUBSCRIBE and UNSUBSCRIBE without an answer. */
  private requests: { readonly packet: ControlPacket; readonly done: () => void }[] = [];

  constructor(private readonly options: PersistentClientOptions) {
    this.outbound = new OutboundDelivery(
      { queuedMessagesMax: 100_000, queuedBytesMax: Number.POSITIVE_INFINITY, queueFullPolicy: "drop-new" },
      {
        writable: true,
        fits: () => true,
        send: ({ topicName, number, qos, retain }, packetIdentifier, dup) =>
          this.write({
            type: PacketType.PUBLISH,
            dup,
            qos,
            retain,
            topicName,
            packetIdentifier,
            payload: new TextEncoder().encode(`${number}`),
          }),
        sendPubrel: (packetIdentifier) => this.write({ type: PacketType.PUBREL, packetIdentifier, reasonCode: 0 }),
        sent: () => {},
        received: (message) => message,
        completed: (message) => void (message && this.options.onAcknowledged?.(message)),
        dropped: (message) => {
          throw new Error(`dropped ${message.topicName}`);
        },
      },
    );
    this.open();
  }

  /** Published and not acknowledged. */
  get unacknowledged(): number {
    return this.outbound.inFlight.size + this.outbound.queue.size;
  }

  publish(topicName: string, number: number, qos: QoS, retain = false): void {
    this.outbound.offer({ topicName, number, qos, retain, sizeBytes: 1, expiresAtMs: Number.POSITIVE_INFINITY }, 0);
  }

  /** Resolves with SUBACK, on whatever connection. */
  subscribe(topicFilter: string, qos: QoS): Promise<void> {
    const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    return this.request({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 0,
      subscriptions: [{ topicFilter, qos, ...options }],
    });
  }

  unsubscribe(topicFilter: string): Promise<void> {
    return this.request({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 0, topicFilters: [topicFilter] });
  }

  /** Stays away until `comeBack`. */
  goAway(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.destroy();
  }

  comeBack(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.open();
  }

  private request(packet: ControlPacket): Promise<void> {
    return new Promise((done) => {
      this.requests.push({ packet, done });
      if (this.isConnected && this.requests.length === 1) this.write(this.numbered(packet));
    });
  }

  /** One request at a time, under an identifier that PUBLISH does not reach in these tests. */
  private numbered(packet: ControlPacket): ControlPacket {
    return { ...packet, packetIdentifier: 65_535 } as ControlPacket;
  }

  private open(): void {
    if (!this.wanted) return;
    const { clientIdentifier, protocolVersion, port } = this.options;
    const socket = connect(port, "127.0.0.1");
    this.socket = socket;
    const decoder = new PacketDecoder(
      { version: protocolVersion },
      {
        onPacket: (packet) => this.handle(packet),
        onError: (error) => {
          throw error;
        },
      },
    );
    socket.setNoDelay(true);
    socket.on("connect", () => {
      this.write({
        type: PacketType.CONNECT,
        protocolVersion,
        clientIdentifier,
        cleanStart: false,
        keepAlive: 0,
        properties: protocolVersion === 5 ? { sessionExpiryInterval: 3600 } : undefined,
      });
    });
    socket.setTimeout(CONNACK_MS_MAX, () => {
      if (!this.isConnected) socket.destroy();
    });
    socket.on("data", (bytes) => {
      if (this.socket === socket) decoder.push(bytes);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      if (this.isConnected) this.outbound.disconnected();
      this.isConnected = false;
      if (this.wanted) this.timer = setTimeout(() => this.open(), RECONNECT_MS);
    });
  }

  private write(packet: ControlPacket): void {
    this.socket?.write(encodePacket(packet, this.options.protocolVersion));
  }

  private handle(packet: ControlPacket): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        if (packet.reasonCode !== 0) {
          this.socket?.destroy();
          return;
        }
        if (this.knowsSession && !packet.sessionPresent) this.sessionsLost += 1;
        this.knowsSession = true;
        this.isConnected = true;
        this.outbound.connected(1000, 0);
        if (this.requests.length > 0) this.write(this.numbered(this.requests[0].packet));
        break;
      case PacketType.PUBLISH:
        this.handlePublish(packet);
        break;
      case PacketType.PUBACK:
        this.outbound.handlePuback(packet.packetIdentifier, packet.reasonCode, 0);
        break;
      case PacketType.PUBREC:
        this.outbound.handlePubrec(packet.packetIdentifier, packet.reasonCode, 0);
        break;
      case PacketType.PUBCOMP:
        this.outbound.handlePubcomp(packet.packetIdentifier, packet.reasonCode, 0);
        break;
      case PacketType.PUBREL:
        this.inbound.end(packet.packetIdentifier);
        this.write({ type: PacketType.PUBCOMP, packetIdentifier: packet.packetIdentifier, reasonCode: 0 });
        break;
      case PacketType.SUBACK:
      case PacketType.UNSUBACK:
        this.requests.shift()?.done();
        if (this.requests.length > 0) this.write(this.numbered(this.requests[0].packet));
        break;
    }
  }

  private handlePublish(packet: PublishPacket): void {
    const packetIdentifier = packet.packetIdentifier as number;
    if (packet.qos === 2) {
      if (this.inbound.begin(packetIdentifier)) this.options.onMessage?.(packet);
      this.write({ type: PacketType.PUBREC, packetIdentifier, reasonCode: 0 });
      return;
    }
    this.options.onMessage?.(packet);
    if (packet.qos === 1) this.write({ type: PacketType.PUBACK, packetIdentifier, reasonCode: 0 });
  }
}
