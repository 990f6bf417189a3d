/**
 * What a broker with durable sessions does, in the fewest words: a map of sessions and one of retained messages. The
 * reference for property tests; it knows no packets, no identifiers and no store, because none of them may show.
 */
import type { QoS } from "@tidings/packet";
import { matches } from "@tidings/topic";

/** A message as a client gets it. */
export interface ModelDelivery {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

interface ModelMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly expiresAtMs: number;
}

interface ModelSession {
  isConnected: boolean;
  /** Seconds. */
  expiry: number;
  disconnectedAtMs: number;
  readonly subscriptions: Map<string, QoS>;
  /** What waits for the client, with the QoS of the delivery. */
  queue: ModelMessage[];
}

export const NEVER = 0xffff_ffff;

export class BrokerModel {
  nowMs = 0;
  readonly sessions = new Map<string, ModelSession>();
  readonly retained = new Map<string, ModelMessage>();

  /** Answers with Session Present, and what comes behind CONNACK. */
  connect(name: string, cleanStart: boolean, expiry: number): { present: boolean; deliveries: ModelDelivery[] } {
    if (this.sessions.get(name)?.isConnected) this.disconnect(name);
    if (cleanStart) this.sessions.delete(name);
    const earlier = this.sessions.get(name);
    const deliveries = (earlier?.queue ?? []).filter(({ expiresAtMs }) => expiresAtMs > this.nowMs);
    this.sessions.set(name, {
      isConnected: true,
      expiry,
      disconnectedAtMs: 0,
      subscriptions: earlier?.subscriptions ?? new Map(),
      queue: [],
    });
    return { present: earlier !== undefined, deliveries: deliveries.map((one) => delivered(one, one.qos, false)) };
  }

  disconnect(name: string): void {
    const session = this.sessions.get(name) as ModelSession;
    session.isConnected = false;
    session.disconnectedAtMs = this.nowMs;
    if (session.expiry === 0) this.sessions.delete(name);
  }

  /** Answers with the retained messages, in no order. */
  subscribe(name: string, filter: string, qos: QoS): ModelDelivery[] {
    this.sessions.get(name)?.subscriptions.set(filter, qos);
    return [...this.retained.values()]
      .filter(({ topic, expiresAtMs }) => matches(filter, topic) && expiresAtMs > this.nowMs)
      .map((message) => delivered(message, Math.min(qos, message.qos) as QoS, true));
  }

  /** Answers with whether there was such a subscription. */
  unsubscribe(name: string, filter: string): boolean {
    return this.sessions.get(name)?.subscriptions.delete(filter) === true;
  }

  /** Answers with what connected clients get, by name. */
  publish(message: ModelMessage, retain: boolean): Map<string, ModelDelivery> {
    const { topic, payload } = message;
    if (retain && payload === "") this.retained.delete(topic);
    else if (retain) this.retained.set(topic, message);
    const deliveries = new Map<string, ModelDelivery>();
    for (const [name, session] of this.sessions) {
      const granted = [...session.subscriptions].filter(([filter]) => matches(filter, topic)).map(([, qos]) => qos);
      if (granted.length === 0) continue;
      const qos = Math.min(message.qos, Math.max(...granted)) as QoS;
      if (session.isConnected) deliveries.set(name, delivered(message, qos, false));
      else if (qos > 0) session.queue.push({ ...message, qos });
    }
    return deliveries;
  }

  advance(milliseconds: number): void {
    this.nowMs += milliseconds;
    for (const [name, { isConnected, expiry, disconnectedAtMs }] of this.sessions) {
      if (!isConnected && expiry !== NEVER && disconnectedAtMs + expiry * 1000 <= this.nowMs)
        this.sessions.delete(name);
    }
    for (const [topic, { expiresAtMs }] of this.retained) if (expiresAtMs <= this.nowMs) this.retained.delete(topic);
  }

  /** The process ends and another one begins: everybody has lost the connection. */
  restart(): void {
    for (const [name, { isConnected }] of this.sessions) if (isConnected) this.disconnect(name);
  }
}

function delivered({ topic, payload }: ModelMessage, qos: QoS, retain: boolean): ModelDelivery {
  return { topic, payload, qos, retain };
}
