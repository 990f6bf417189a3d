/**
 * A broker with one session that keeps all rules of QoS 1 and 2, over connections that break wherever a test wants. It
 * notes what it has taken over, and sends the client what it is given, so that a test can tell loss from doubling.
 */
import { type ControlPacket, encodePacket, PacketType, type PublishPacket, type QoS } from "@tidings/packet";
import type { ServerConnection } from "./server-connection.js";

interface Outgoing {
  readonly text: string;
  readonly qos: QoS;
  readonly packetIdentifier: number;
  isReleased: boolean;
}

/** How one connection goes wrong. Bytes are counted from its beginning. */
export interface Trouble {
  /** Bytes of the client that arrive; Infinity: all. */
  readonly inboundBytes: number;
  /** Bytes that reach the client. */
  readonly outboundBytes: number;
  /** Answers wait until `answerLate`. */
  readonly isLate?: boolean;
  /** Sent before the answer to the packet of this number, counted from CONNECT as 0. */
  readonly lie?: { readonly before: number; readonly packets: readonly ControlPacket[] };
  /** The first such packet of the client is answered with an acknowledgement of this type, and then as is due. */
  readonly wrong?: { readonly to: "QoS 1" | "QoS 2" | "PUBREL"; readonly type: 4 | 5 | 7 };
}

export const NO_TROUBLE: Trouble = {
  inboundBytes: Number.POSITIVE_INFINITY,
  outboundBytes: Number.POSITIVE_INFINITY,
};

const text = new TextDecoder();

export class ModelBroker {
  /** Payloads taken over, in order, by QoS. */
  readonly taken: [string[], string[], string[]] = [[], [], []];
  /** Most messages of QoS 1 and 2 of the client that were under way at once. */
  mostInFlight = 0;
  receiveMaximum = 65_535;
  /** Bytes that were sent, on all connections. */
  sentBytes = 0;
  private hasSession = false;
  private readonly inbound = new Set<number>();
  private outgoing: Outgoing[] = [];
  private nextIdentifier = 1;
  private connection: ServerConnection | undefined;
  private sendNow: (packet: ControlPacket) => void = () => {};
  private subscribed = false;
  private inFlight = new Set<number>();
  private late: (() => void)[] | undefined;

  /** Serves a connection until its trouble comes. */
  accept(connection: ServerConnection, trouble: Trouble): void {
    let outboundLeft = trouble.outboundBytes;
    let isCut = false;
    const cut = (): void => {
      if (isCut) return;
      isCut = true;
      connection.drop();
    };
    const send = (packet: ControlPacket): void => {
      if (isCut) return;
      const bytes = encodePacket(packet, connection.version);
      const part = bytes.subarray(0, Math.min(bytes.length, outboundLeft));
      outboundLeft -= part.length;
      this.sentBytes += part.length;
      if (part.length > 0) connection.sendBytes(part);
      // What was sent before the cut arrives before it.
      if (outboundLeft <= 0) connection.afterDelivery(cut);
    };
    connection.limitInput(trouble.inboundBytes, cut);
    this.connection = connection;
    this.sendNow = send;
    this.inFlight = new Set();
    this.late = trouble.isLate === true ? [] : undefined;
    let count = 0;
    let { wrong } = trouble;
    connection.onPacket = (packet) => {
      if (isCut) return;
      if (count++ === trouble.lie?.before) for (const lie of trouble.lie.packets) send(lie);
      if (wrong !== undefined && wrong.to === kindOf(packet)) {
        send({ type: wrong.type, packetIdentifier: identifierOf(packet), reasonCode: 0 });
        wrong = undefined;
      }
      const answer = (): void => {
        if (this.connection === connection) this.handle(packet, send);
      };
      if (this.late === undefined || packet.type === PacketType.CONNECT) answer();
      else this.late.push(answer);
    };
  }

  /** Answers what has waited. */
  answerLate(): void {
    for (const answer of this.late?.splice(0) ?? []) answer();
    this.late = undefined;
  }

  /** A message for the client; it is sent when the client has subscribed. */
  give(payload: string, qos: 1 | 2): void {
    this.outgoing.push({ text: payload, qos, packetIdentifier: this.nextIdentifier++, isReleased: false });
    const connection = this.connection;
    if (this.subscribed && connection !== undefined && !connection.isClosed) {
      this.sendNow(publishOf(this.outgoing.at(-1) as Outgoing, false));
    }
  }

  /** Everything given was acknowledged. */
  get isDone(): boolean {
    return this.outgoing.length === 0;
  }

  private handle(packet: ControlPacket, send: (packet: ControlPacket) => void): void {
    switch (packet.type) {
      case PacketType.CONNECT:
        this.connected(packet.cleanStart, send);
        break;
      case PacketType.PUBLISH:
        this.published(packet, send);
        break;
      case PacketType.PUBREL:
        this.inbound.delete(packet.packetIdentifier);
        this.inFlight.delete(packet.packetIdentifier);
        send({ type: PacketType.PUBCOMP, packetIdentifier: packet.packetIdentifier, reasonCode: 0 });
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.outgoing = this.outgoing.filter(({ packetIdentifier }) => packetIdentifier !== packet.packetIdentifier);
        break;
      case PacketType.PUBREC: {
        const found = this.outgoing.find(({ packetIdentifier }) => packetIdentifier === packet.packetIdentifier);
        if (found !== undefined) found.isReleased = true;
        send({ type: PacketType.PUBREL, packetIdentifier: packet.packetIdentifier, reasonCode: 0 });
        break;
      }
      case PacketType.SUBSCRIBE: {
        const reasonCodes = packet.subscriptions.map(({ qos }) => qos);
        send({ type: PacketType.SUBACK, packetIdentifier: packet.packetIdentifier, reasonCodes });
        if (this.subscribed) break;
        this.subscribed = true;
        for (const message of this.outgoing) send(publishOf(message, false));
        break;
      }
      case PacketType.UNSUBSCRIBE: {
        const reasonCodes = this.connection?.version === 5 ? packet.topicFilters.map(() => 0) : [];
        send({ type: PacketType.UNSUBACK, packetIdentifier: packet.packetIdentifier, reasonCodes });
        break;
      }
      case PacketType.PINGREQ:
        send({ type: PacketType.PINGRESP });
        break;
    }
  }

  private connected(cleanStart: boolean, send: (packet: ControlPacket) => void): void {
    if (cleanStart) {
      this.inbound.clear();
      this.subscribed = false;
    }
    const { receiveMaximum } = this;
    const properties = receiveMaximum === 65_535 || this.connection?.version !== 5 ? undefined : { receiveMaximum };
    send({ type: PacketType.CONNACK, sessionPresent: this.hasSession && !cleanStart, reasonCode: 0, properties });
    this.hasSession = true;
    if (!this.subscribed) return;
    for (const message of this.outgoing) {
      if (!message.isReleased) send(publishOf(message, true));
      else send({ type: PacketType.PUBREL, packetIdentifier: message.packetIdentifier, reasonCode: 0 });
    }
  }

  private published(
    { qos, payload, packetIdentifier = 0 }: PublishPacket,
    send: (packet: ControlPacket) => void,
  ): void {
    if (qos > 0) {
      this.inFlight.add(packetIdentifier);
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight.size);
    }
    if (qos === 1) {
      this.taken[1].push(text.decode(payload));
      this.inFlight.delete(packetIdentifier);
      send({ type: PacketType.PUBACK, packetIdentifier, reasonCode: 0 });
    } else if (qos === 2) {
      if (!this.inbound.has(packetIdentifier)) this.taken[2].push(text.decode(payload));
      this.inbound.add(packetIdentifier);
      send({ type: PacketType.PUBREC, packetIdentifier, reasonCode: 0 });
    } else {
      this.taken[0].push(text.decode(payload));
    }
  }
}

function kindOf(packet: ControlPacket): string | undefined {
  if (packet.type === PacketType.PUBLISH) return `QoS ${packet.qos}`;
  return packet.type === PacketType.PUBREL ? "PUBREL" : undefined;
}

function identifierOf(packet: ControlPacket): number {
  return "packetIdentifier" in packet ? (packet.packetIdentifier ?? 0) : 0;
}

function publishOf({ text: payload, qos, packetIdentifier }: Outgoing, dup: boolean): PublishPacket {
  return {
    type: PacketType.PUBLISH,
    dup,
    qos,
    retain: false,
    topicName: "to/client",
    packetIdentifier,
    payload: new TextEncoder().encode(payload),
  };
}
