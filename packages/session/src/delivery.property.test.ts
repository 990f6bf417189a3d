/**
 * The sender's half of QoS 1 and 2 wired to a receiver over a link that breaks at any point, with restarts of both ends
 * from what a store remembers. Checks after every step what must always hold, and at the end, when the link has become
 * good, that everything arrived as its QoS promises.
 */
import type { QoS } from "@tidings/packet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Awaiting } from "./in-flight-window.js";
import { InboundDelivery } from "./inbound-delivery.js";
import { MemorySessionStore } from "./memory-session-store.js";
import { MessageQueue, type QueueFullPolicy, type QueueLimits } from "./message-queue.js";
import { type Delivery, type DeliveryPort, OutboundDelivery } from "./outbound-delivery.js";
import { ReceiveQuota } from "./receive-quota.js";

type Packet =
  | { type: "PUBLISH"; message: Message; packetIdentifier: number; dup: boolean }
  | { type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP"; packetIdentifier: number; reasonCode: number };

const CLIENT = "receiver";

/** What became of a message, beside being its content. */
class Message implements Delivery {
  deliveryNumber = 0;
  messageNumber = 0;
  packetIdentifier = 0;
  arrivals = 0;
  dropped = false;
  refusedHere = false;
  released = false;
  sentOnce = false;
  over = false;

  constructor(
    readonly number: number,
    readonly qos: QoS,
    readonly sizeBytes: number,
    readonly expiresAtMs: number,
  ) {}

  stored() {
    const { qos, expiresAtMs } = this;
    const bytes = new Uint8Array();
    const topicName = `${this.number}`;
    return { topicName, payload: bytes, properties: bytes, qos, expiresAtMs, publisherIdentifier: undefined };
  }
}

/** Both ends, the link between them, and the rules. */
class World implements DeliveryPort<Message> {
  readonly messages: Message[] = [];
  nowMs = 1000;
  writable = true;
  sizeMax = Number.POSITIVE_INFINITY;
  private readonly store = new MemorySessionStore();
  private outbound: OutboundDelivery<Message>;
  private nextDeliveryNumber = 1;
  private connected = false;
  private toReceiver: Packet[] = [];
  private toSender: Packet[] = [];
  /** PUBLISH packets of this connection without a final answer, as the sender knows. */
  private readonly unfinished = new Set<number>();
  private readonly sentHere = new Set<Message>();
  private receiveMaximum = 1;
  private inbound = new InboundDelivery();
  private receiveQuota = new ReceiveQuota(1);
  private readonly lastArrival: [number, number, number] = [0, 0, 0];

  constructor(private readonly limits: QueueLimits) {
    this.outbound = new OutboundDelivery(this, (owner) => new MessageQueue(limits, owner));
    this.store.putSession({
      clientIdentifier: CLIENT,
      sessionExpiryInterval: 1,
      disconnectedAtMs: undefined,
      userName: undefined,
      will: undefined,
    });
  }

  // What happens.

  offer(qos: QoS, sizeBytes: number, lifeMs: number): void {
    const message = new Message(this.messages.length + 1, qos, sizeBytes, this.nowMs + lifeMs);
    this.messages.push(message);
    message.deliveryNumber = this.nextDeliveryNumber++;
    const { deliveryNumber } = message;
    const delivery = {
      deliveryNumber,
      qos,
      retain: false,
      subscriptionIdentifiers: undefined,
      sharedFilter: undefined,
    };
    this.store.enqueue(CLIENT, delivery, message);
    expect(this.outbound.offer(message, this.nowMs)).toBe(!message.dropped);
  }

  connect(receiveMaximum: number, sizeMax = Number.POSITIVE_INFINITY): void {
    this.disconnect();
    this.connected = true;
    this.receiveMaximum = receiveMaximum;
    this.sizeMax = sizeMax;
    this.receiveQuota = new ReceiveQuota(receiveMaximum);
    this.outbound.connected(receiveMaximum, this.nowMs);
  }

  disconnect(): void {
    this.connected = false;
    this.toReceiver = [];
    this.toSender = [];
    this.unfinished.clear();
    this.sentHere.clear();
    this.outbound.disconnected();
  }

  /** The sender's process ends and another takes up what the store remembers. */
  async restartSender(): Promise<void> {
    this.disconnect();
    const outbound = new OutboundDelivery<Message>(this, (owner) => new MessageQueue(this.limits, owner));
    await this.store.recover({
      session: (_session, nextDeliveryNumber) => expect(nextDeliveryNumber).toBe(this.nextDeliveryNumber),
      subscription: () => {},
      inbound: () => {},
      retained: () => {},
      delivery: (_client, { message: { topicName }, packetIdentifier, qos, released }) => {
        const message = this.messages[Number(topicName) - 1];
        if (packetIdentifier === 0) outbound.queue.append(message);
        else {
          const awaiting = qos === 1 ? Awaiting.Puback : released ? Awaiting.Pubcomp : Awaiting.Pubrec;
          expect(outbound.inFlight.restore(packetIdentifier, message, awaiting)).toBe(true);
        }
      },
    });
    expect(outbound.inFlight.inOrder()).toEqual(this.outbound.inFlight.inOrder());
    expect(outbound.queue.size).toBe(this.outbound.queue.size);
    this.outbound = outbound;
  }

  /** The receiver's process ends and another takes up its session. */
  restartReceiver(): void {
    this.disconnect();
    const inbound = new InboundDelivery();
    for (const packetIdentifier of this.inbound.list()) inbound.begin(packetIdentifier);
    this.inbound = inbound;
  }

  pump(): void {
    this.outbound.pump(this.nowMs);
  }

  /** One packet arrives at the receiver, which may refuse it. */
  receive(refuses: boolean): void {
    const packet = this.toReceiver.shift();
    if (packet === undefined) return;
    const { packetIdentifier } = packet;
    const answer = (type: "PUBACK" | "PUBREC" | "PUBCOMP", reasonCode = 0): void =>
      void this.toSender.push({ type, packetIdentifier, reasonCode });
    if (packet.type === "PUBREL") {
      const known = this.inbound.end(packetIdentifier);
      if (known) this.receiveQuota.giveBack();
      answer("PUBCOMP", known ? 0 : 0x92);
      return;
    }
    if (packet.type !== "PUBLISH") throw new Error(`a sender never sends ${packet.type}`);
    const { message } = packet;
    if (message.qos === 2 && this.inbound.has(packetIdentifier)) {
      answer("PUBREC");
      return;
    }
    if (message.qos > 0) expect(this.receiveQuota.take()).toBe(true);
    // It sticks to what it decided: the refusal may have been lost on the way.
    message.refusedHere ||= refuses && message.qos > 0 && message.arrivals === 0;
    if (message.refusedHere) {
      this.receiveQuota.giveBack();
      answer(message.qos === 1 ? "PUBACK" : "PUBREC", 0x83);
      return;
    }
    this.arrive(message);
    if (message.qos === 1) {
      this.receiveQuota.giveBack();
      answer("PUBACK");
    } else if (message.qos === 2) {
      this.inbound.begin(packetIdentifier);
      answer("PUBREC");
    }
  }

  /** The receiver asks again for its PUBRELs, as 3.1 allows. */
  repeatPubrecs(): void {
    if (!this.connected) return;
    for (const packetIdentifier of this.inbound.list()) {
      this.toSender.push({ type: "PUBREC", packetIdentifier, reasonCode: 0 });
    }
  }

  /** One answer arrives at the sender. */
  answer(): void {
    const packet = this.toSender.shift();
    if (packet === undefined || packet.type === "PUBLISH") return;
    const { type, packetIdentifier, reasonCode } = packet;
    if (type === "PUBACK" || type === "PUBCOMP" || reasonCode >= 0x80) this.unfinished.delete(packetIdentifier);
    const before = this.toReceiver.length;
    switch (type) {
      case "PUBACK":
        this.outbound.handlePuback(packetIdentifier, reasonCode, this.nowMs);
        break;
      case "PUBREC": {
        const known = this.outbound.handlePubrec(packetIdentifier, reasonCode, this.nowMs);
        const pubrel = { type: "PUBREL", packetIdentifier, reasonCode: 0 };
        // At once, whatever the quota says.
        if (known && reasonCode < 0x80) expect(this.toReceiver[before]).toEqual(pubrel);
        break;
      }
      case "PUBCOMP":
        this.outbound.handlePubcomp(packetIdentifier, reasonCode, this.nowMs);
        break;
    }
  }

  // What must always hold.

  check(): void {
    const { queue, inFlight } = this.outbound;
    const { queuedMessagesMax, queuedBytesMax } = this.limits;
    expect({
      queueWithinLimits: queue.size <= queuedMessagesMax && queue.bytes <= queuedBytesMax,
      quotaHeld: this.unfinished.size <= this.receiveMaximum,
      stored: this.store.messageCount,
    }).toEqual({ queueWithinLimits: true, quotaHeld: true, stored: queue.size + inFlight.size });
  }

  /** The link is good from here on: everything that can arrive does. */
  settle(): void {
    this.writable = true;
    this.connect(3);
    for (let quiet = false; !quiet; ) {
      quiet = this.toReceiver.length === 0 && this.toSender.length === 0;
      this.receive(false);
      this.answer();
    }
    for (const message of this.messages) {
      const { arrivals, dropped, over, qos, refusedHere } = message;
      expect(over).toBe(true);
      if (refusedHere) expect(arrivals).toBe(0);
      else if (qos === 1 && !dropped) expect(arrivals).toBeGreaterThan(0);
      else if (qos === 2 && !dropped) expect(arrivals).toBe(1);
      if (qos !== 1) expect(arrivals).toBeLessThanOrEqual(1);
      if (qos === 0 && !dropped) expect(message.sentOnce).toBe(true);
    }
    expect(this.outbound.queue.size).toBe(0);
    expect(this.outbound.inFlight.size).toBe(0);
    expect(this.outbound.inFlight.inOrder()).toEqual([]);
    expect(this.inbound.list()).toEqual([]);
    expect(this.store.messageCount).toBe(0);
    for (const quota of [1, 2, 3]) this.offer(quota === 2 ? 2 : 1, 1, 1);
    expect(this.unfinished.size).toBe(3); // no slot has leaked
  }

  private arrive(message: Message): void {
    message.arrivals += 1;
    // Each QoS keeps its order; a repeat may come late.
    if (message.arrivals === 1) {
      expect(message.number).toBeGreaterThan(this.lastArrival[message.qos]);
      this.lastArrival[message.qos] = message.number;
    }
  }

  // What the sender does.

  send(message: Message, packetIdentifier: number, dup: boolean): void {
    expect(this.connected && this.writable).toBe(true);
    expect(message.released).toBe(false);
    // Once for each connection, with DUP only when it went out before, always under the same identifier.
    expect(this.sentHere.has(message)).toBe(false);
    this.sentHere.add(message);
    expect(dup).toBe(message.sentOnce);
    message.sentOnce = true;
    expect(packetIdentifier).toBe(message.packetIdentifier);
    if (message.qos > 0) {
      expect(this.unfinished.has(packetIdentifier)).toBe(false);
      this.unfinished.add(packetIdentifier);
      expect(this.unfinished.size).toBeLessThanOrEqual(this.receiveMaximum);
    } else {
      expect(packetIdentifier).toBe(0);
    }
    this.toReceiver.push({ type: "PUBLISH", message, packetIdentifier, dup });
  }

  sendPubrel(packetIdentifier: number): void {
    expect(this.connected).toBe(true);
    this.toReceiver.push({ type: "PUBREL", packetIdentifier, reasonCode: 0 });
  }

  fits(message: Message): boolean {
    return message.sizeBytes <= this.sizeMax;
  }

  dropped(message: Message): void {
    message.dropped = true;
  }

  sent(message: Message, packetIdentifier: number): void {
    expect(message.packetIdentifier).toBe(0);
    message.packetIdentifier = packetIdentifier;
    this.store.sent(CLIENT, message.deliveryNumber, packetIdentifier);
  }

  received(message: Message | undefined): Message | undefined {
    if (message === undefined) return undefined;
    message.released = true;
    this.store.released(CLIENT, message.deliveryNumber);
    return message;
  }

  completed(message: Message | undefined, packetIdentifier: number, reasonCode: number): void {
    if (message === undefined) throw new Error("this owner holds every message to the end");
    expect(message.over).toBe(false);
    message.over = true;
    expect(packetIdentifier).toBe(message.packetIdentifier);
    if (reasonCode >= 0x80) expect(message.refusedHere || message.released).toBe(true);
    this.store.done(CLIENT, message.deliveryNumber);
  }
}

interface Knobs {
  policy: QueueFullPolicy;
  queuedMessagesMax: number;
  queuedBytesMax: number;
}

/** Likelihoods of what may happen next. */
const WEIGHTS = {
  offer: 24,
  receive: 22,
  answer: 20,
  connect: 10,
  disconnect: 3,
  repeatPubrecs: 4,
  wait: 2,
  block: 2,
  unblock: 4,
  restartSender: 2,
  restartReceiver: 1,
};
type Step = keyof typeof WEIGHTS;

async function run({ policy, ...limits }: Knobs, steps: readonly (readonly [Step, number, number])[]) {
  const world = new World({ ...limits, queueFullPolicy: policy });
  for (const [step, a, b] of steps) {
    // Several at once, as often as not.
    const times = 1 + (b % 4);
    switch (step) {
      case "offer":
        for (let i = 0; i < times; i++) {
          world.offer(((a + i) % 3 === 0 ? 1 : 2) as QoS, 1 + (b % 10), a % 9 === 0 ? 50 : Number.POSITIVE_INFINITY);
        }
        break;
      case "receive":
        for (let i = 0; i < times; i++) world.receive((a + i) % 11 === 0);
        break;
      case "answer":
        for (let i = 0; i < times; i++) world.answer();
        break;
      case "connect":
        world.connect(1 + (a % 5), b % 7 === 0 ? 1 + (a % 10) : undefined);
        break;
      case "disconnect":
        world.disconnect();
        break;
      case "repeatPubrecs":
        world.repeatPubrecs();
        break;
      case "wait":
        world.nowMs += a;
        break;
      case "block":
        world.writable = false;
        break;
      case "unblock":
        world.writable = true;
        // The owner may offer more before it hears that there is room.
        if (b % 2 === 0) world.pump();
        break;
      case "restartSender":
        await world.restartSender();
        break;
      case "restartReceiver":
        world.restartReceiver();
        break;
    }
    world.check();
  }
  world.settle();
}

const knobs = fc.record({
  policy: fc.constantFrom<QueueFullPolicy>("drop-new", "drop-oldest"),
  queuedMessagesMax: fc.integer({ min: 1, max: 20 }),
  queuedBytesMax: fc.integer({ min: 10, max: 150 }),
});
const step = fc.oneof(
  ...Object.entries(WEIGHTS).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Step) })),
);
const steps = fc.array(fc.tuple(step, fc.nat(100), fc.nat(100)), { maxLength: 200, size: "max" });

describe("a sender wired to a receiver over a link that breaks", () => {
  test("[MQTT-4.3.2-1] [MQTT-4.3.2-3] [MQTT-4.3.3-1] [MQTT-4.3.3-6] [MQTT-4.3.3-10] [MQTT-4.4.0-1] [MQTT-4.6.0-1] [MQTT-3.3.4-9] [MQTT-4.9.0-2] [MQTT-4.9.0-3] [3.1.1 MQTT-4.3.2-1] [3.1.1 MQTT-4.3.3-1] [3.1.1 MQTT-4.3.3-2] [3.1.1 MQTT-4.4.0-1] QoS 1 never loses, QoS 2 never loses nor doubles, in order and within every limit", async () => {
    await fc.assert(fc.asyncProperty(knobs, steps, run), { numRuns: 200 });
  }, 60_000);
});
