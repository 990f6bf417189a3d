/**
 * Two small clients for property tests, a publisher and a subscriber, that follow the standard (section 4.3) over a link
 * on which packets wait in both directions until they are let through, and are lost when it breaks.
 */
import { type ControlPacket, PacketType, type ProtocolVersion } from "@tidings/packet";
import type { BrokerHarness, TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

abstract class LossyClient {
  /** Undefined: not connected. */
  client: TestClient | undefined;
  /** What the client has sent and the broker does not have yet. */
  private outgoing: ControlPacket[] = [];

  constructor(private readonly clientIdentifier: string) {}

  /** Connects anew; an old connection that the broker still believes in is taken over. */
  connect(harness: BrokerHarness, version: ProtocolVersion, receiveMaximum: number): void {
    this.outgoing = [];
    this.client = persistentClient(harness, version, this.clientIdentifier, { receiveMaximum });
    this.connected(version === 5 ? receiveMaximum : Number.POSITIVE_INFINITY);
  }

  /** The connection is gone, with all that was under way; the broker notices, or does not. */
  lose(noticed: boolean): void {
    if (noticed) this.client?.drop();
    this.client = undefined;
    this.outgoing = [];
  }

  /** Lets packets through: first to the broker, then from it. False: there was nothing to let through. */
  pass(toBroker: number, toClient: number): boolean {
    const { client } = this;
    if (client === undefined) return false;
    if (client.isClosed) throw new Error(`the broker closed the connection: ${JSON.stringify(client.received)}`);
    const sent = this.outgoing.splice(0, toBroker);
    for (const packet of sent) client.send(packet);
    const received = client.received.splice(0, toClient);
    for (const packet of received) this.receive(packet);
    return sent.length + received.length > 0;
  }

  protected send(packet: ControlPacket): void {
    this.outgoing.push(packet);
  }

  protected abstract connected(receiveMaximum: number): void;
  protected abstract receive(packet: ControlPacket): void;
}

interface Unfinished {
  readonly packetIdentifier: number;
  readonly topicName: string;
  readonly qos: 1 | 2;
  readonly text: string;
  released: boolean;
}

export class LossyPublisher extends LossyClient {
  /** What was published, by topic and QoS. */
  readonly published = new Map<string, string[]>();
  private readonly unfinished: Unfinished[] = [];
  private counter = 0;

  /** `window` is how many messages may be unfinished. */
  constructor(private readonly window: number) {
    super("publisher");
  }

  get isDone(): boolean {
    return this.unfinished.length === 0;
  }

  publish(topicName: string, qos: 1 | 2): void {
    if (this.client === undefined || this.unfinished.length >= this.window) return;
    const used = new Set(this.unfinished.map(({ packetIdentifier }) => packetIdentifier));
    let packetIdentifier = 1;
    while (used.has(packetIdentifier)) packetIdentifier += 1;
    this.counter += 1;
    const text = `${this.counter}`.padEnd(this.counter % 5 === 0 ? 5000 : 1);
    const message = { packetIdentifier, topicName, qos, text, released: false };
    this.unfinished.push(message);
    const key = `${topicName} ${qos}`;
    this.published.set(key, [...(this.published.get(key) ?? []), text]);
    this.sendPublish(message, false);
  }

  protected connected(): void {
    for (const message of this.unfinished) {
      if (message.released) this.sendPubrel(message.packetIdentifier);
      else this.sendPublish(message, true);
    }
  }

  protected receive(packet: ControlPacket): void {
    const index = this.unfinished.findIndex(
      (message) => "packetIdentifier" in packet && message.packetIdentifier === packet.packetIdentifier,
    );
    const message = this.unfinished[index];
    if (packet.type === PacketType.PUBREC && message?.qos === 2) {
      message.released = true;
      this.sendPubrel(message.packetIdentifier);
    } else if (
      (packet.type === PacketType.PUBACK && message?.qos === 1) ||
      (packet.type === PacketType.PUBCOMP && message?.released)
    ) {
      this.unfinished.splice(index, 1);
    } else {
      throw new Error(`the publisher did not expect ${JSON.stringify(packet)}`);
    }
  }

  private sendPublish({ packetIdentifier, topicName, qos, text }: Unfinished, dup: boolean): void {
    const payload = new TextEncoder().encode(text);
    this.send({ type: PacketType.PUBLISH, dup, qos, retain: false, topicName, packetIdentifier, payload });
  }

  private sendPubrel(packetIdentifier: number): void {
    this.send({ type: PacketType.PUBREL, packetIdentifier, reasonCode: 0 });
  }
}

export class LossySubscriber extends LossyClient {
  /** What arrived, by topic and QoS, repeats of QoS 1 included. */
  readonly received = new Map<string, string[]>();
  private readonly unreleased = new Set<number>();
  /** Identifiers of this connection that were not answered for good. */
  private readonly unanswered = new Set<number>();
  private receiveMaximum = 0;

  constructor() {
    super("subscriber");
  }

  protected connected(receiveMaximum: number): void {
    this.receiveMaximum = receiveMaximum;
    this.unanswered.clear();
  }

  protected receive(packet: ControlPacket): void {
    if (packet.type === PacketType.PUBREL) {
      this.unreleased.delete(packet.packetIdentifier);
      this.unanswered.delete(packet.packetIdentifier);
      this.send({ type: PacketType.PUBCOMP, packetIdentifier: packet.packetIdentifier, reasonCode: 0 });
      return;
    }
    if (packet.type !== PacketType.PUBLISH) throw new Error(`the subscriber did not expect ${JSON.stringify(packet)}`);
    const packetIdentifier = packet.packetIdentifier as number;
    if (this.unanswered.has(packetIdentifier)) throw new Error(`${packetIdentifier} came twice on one connection`);
    if (this.unanswered.size >= this.receiveMaximum) throw new Error("more than Receive Maximum is under way");
    if (packet.qos === 1) {
      this.take(packet.topicName, 1, packet.payload);
      this.send({ type: PacketType.PUBACK, packetIdentifier, reasonCode: 0 });
      return;
    }
    const isRepeat = this.unreleased.has(packetIdentifier);
    if (isRepeat && !packet.dup) throw new Error(`${packetIdentifier} is in use for another message`);
    if (!isRepeat) this.take(packet.topicName, 2, packet.payload);
    this.unreleased.add(packetIdentifier);
    this.unanswered.add(packetIdentifier);
    this.send({ type: PacketType.PUBREC, packetIdentifier, reasonCode: 0 });
  }

  private take(topicName: string, qos: number, payload: Uint8Array): void {
    const key = `${topicName} ${qos}`;
    this.received.set(key, [...(this.received.get(key) ?? []), new TextDecoder().decode(payload)]);
  }
}
