import type { QoS } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { Awaiting } from "./in-flight-window.js";
import { MessageQueue, type QueueLimits } from "./message-queue.js";
import { type Delivery, type DeliveryPort, OutboundDelivery } from "./outbound-delivery.js";

class Message implements Delivery {
  readonly sizeBytes = 1;

  constructor(
    readonly name: string,
    readonly qos: QoS,
    readonly expiresAtMs = Number.POSITIVE_INFINITY,
  ) {}
}

/** Writes down what the sender does, as lines: what goes to the peer in `wire`, what the owner is told in `told`. */
class Port implements DeliveryPort<Message> {
  wire: string[] = [];
  told: string[] = [];
  writable = true;
  tooLarge = new Set<string>();

  send(message: Message, packetIdentifier: number, dup: boolean): void {
    this.wire.push(`${message.name} QoS ${message.qos} #${packetIdentifier}${dup ? " DUP" : ""}`);
  }

  sendPubrel(packetIdentifier: number): void {
    this.wire.push(`PUBREL #${packetIdentifier}`);
  }

  fits(message: Message): boolean {
    return !this.tooLarge.has(message.name);
  }

  dropped(message: Message, reason: string): void {
    this.told.push(`${message.name} ${reason}`);
  }

  sent(message: Message, packetIdentifier: number): void {
    this.told.push(`${message.name} sent #${packetIdentifier}`);
  }

  received(message: Message | undefined, packetIdentifier: number): Message | undefined {
    this.told.push(`${message?.name} received #${packetIdentifier}`);
    return message;
  }

  completed(message: Message | undefined, packetIdentifier: number, reasonCode: number): void {
    this.told.push(`${message?.name} completed #${packetIdentifier} 0x${reasonCode.toString(16)}`);
  }

  takeWire(): string[] {
    return this.wire.splice(0);
  }
}

const NOW = 1_000_000;

function sender(limits: Partial<QueueLimits> = {}) {
  const port = new Port();
  const all: QueueLimits = { queuedMessagesMax: 1000, queuedBytesMax: 1000, queueFullPolicy: "drop-new", ...limits };
  const outbound = new OutboundDelivery<Message>(port, (owner) => new MessageQueue(all, owner));
  const offer = (name: string, qos: QoS, expiresAtMs?: number): boolean =>
    outbound.offer(new Message(name, qos, expiresAtMs), NOW);
  const reconnect = (receiveMaximum = 100, nowMs = NOW): string[] => {
    port.takeWire();
    outbound.disconnected();
    outbound.connected(receiveMaximum, nowMs);
    return port.takeWire();
  };
  return { port, outbound, offer, reconnect };
}

function connectedSender(receiveMaximum = 100, limits: Partial<QueueLimits> = {}) {
  const made = sender(limits);
  made.outbound.connected(receiveMaximum, NOW);
  return made;
}

describe("QoS 1", () => {
  test("[MQTT-4.3.2-1] [MQTT-4.3.2-2] [3.1.1 MQTT-4.3.2-1] each new message goes out with an unused identifier and DUP 0", () => {
    const { port, offer, outbound } = connectedSender();
    for (const name of ["a", "b", "c"]) expect(offer(name, 1)).toBe(true);
    expect(port.wire).toEqual(["a QoS 1 #1", "b QoS 1 #2", "c QoS 1 #3"]);
    expect(port.told).toEqual(["a sent #1", "b sent #2", "c sent #3"]);
    expect(outbound.inFlight.size).toBe(3);
  });

  test("[MQTT-4.3.2-3] [3.1.1 MQTT-4.3.2-1] a message is unacknowledged until PUBACK of its identifier", () => {
    const { port, offer, outbound, reconnect } = connectedSender();
    offer("a", 1);
    offer("b", 1);
    expect(outbound.handlePubrec(1, 0, NOW)).toBe(false);
    expect(outbound.handlePubcomp(1, 0, NOW)).toBe(false);
    expect(outbound.handlePuback(3, 0, NOW)).toBe(false);
    expect(reconnect()).toEqual(["a QoS 1 #1 DUP", "b QoS 1 #2 DUP"]);
    expect(outbound.handlePuback(1, 0x10, NOW)).toBe(true);
    expect(outbound.handlePuback(1, 0, NOW)).toBe(false);
    expect(port.told.at(-1)).toBe("a completed #1 0x10");
    expect(reconnect()).toEqual(["b QoS 1 #2 DUP"]);
    outbound.handlePuback(2, 0, NOW);
    expect(reconnect()).toEqual([]);
    expect(outbound.inFlight.size).toBe(0);
  });

  test("[MQTT-4.4.0-2] a negative PUBACK is the end of it", () => {
    const { port, offer, outbound, reconnect } = connectedSender();
    offer("a", 1);
    expect(outbound.handlePuback(1, 0x97, NOW)).toBe(true);
    expect(port.told.at(-1)).toBe("a completed #1 0x97");
    expect(reconnect()).toEqual([]);
  });
});

describe("QoS 2", () => {
  test("[MQTT-4.3.3-1] [MQTT-4.3.3-2] [3.1.1 MQTT-4.3.3-1] each new message goes out with an unused identifier and DUP 0", () => {
    const { port, offer } = connectedSender();
    offer("a", 2);
    offer("b", 1);
    offer("c", 2);
    expect(port.wire).toEqual(["a QoS 2 #1", "b QoS 1 #2", "c QoS 2 #3"]);
  });

  test("[MQTT-4.3.3-3] [MQTT-4.3.3-4] [MQTT-4.3.3-5] [MQTT-4.3.3-6] [3.1.1 MQTT-4.3.3-1] PUBLISH until PUBREC, then PUBREL until PUBCOMP, never PUBLISH again", () => {
    const { port, offer, outbound, reconnect } = connectedSender();
    offer("a", 2);
    expect(outbound.handlePuback(1, 0, NOW)).toBe(false);
    expect(outbound.handlePubcomp(1, 0, NOW)).toBe(false);
    expect(reconnect()).toEqual(["a QoS 2 #1 DUP"]);
    expect(outbound.handlePubrec(1, 0, NOW)).toBe(true);
    expect(port.takeWire()).toEqual(["PUBREL #1"]);
    expect(port.told.at(-1)).toBe("a received #1");
    expect(reconnect()).toEqual(["PUBREL #1"]);
    expect(outbound.handlePuback(1, 0, NOW)).toBe(false);
    expect(reconnect()).toEqual(["PUBREL #1"]);
    expect(outbound.handlePubcomp(1, 0, NOW)).toBe(true);
    expect(outbound.handlePubcomp(1, 0, NOW)).toBe(false);
    expect(port.told.at(-1)).toBe("a completed #1 0x0");
    expect(reconnect()).toEqual([]);
    expect(outbound.inFlight.size).toBe(0);
  });

  test("[MQTT-4.4.0-2] a negative PUBREC is the end of it: no PUBREL, and the identifier is free", () => {
    const { port, offer, outbound, reconnect } = connectedSender(1);
    offer("a", 2);
    offer("b", 2);
    port.takeWire();
    expect(outbound.handlePubrec(1, 0x80, NOW)).toBe(true);
    expect(port.takeWire()).toEqual(["b QoS 2 #2"]);
    expect(port.told).toContain("a completed #1 0x80");
    expect(outbound.inFlight.stateOf(1)).toBe(Awaiting.Free);
    expect(reconnect()).toEqual(["b QoS 2 #2 DUP"]);
  });

  test("a repeated PUBREC, as 3.1 allows, gets PUBREL again", () => {
    const { port, offer, outbound } = connectedSender();
    offer("a", 2);
    outbound.handlePubrec(1, 0, NOW);
    expect(outbound.handlePubrec(1, 0, NOW)).toBe(true);
    expect(port.wire).toEqual(["a QoS 2 #1", "PUBREL #1", "PUBREL #1"]);
    expect(port.told.filter((line) => line.includes("received"))).toEqual(["a received #1"]);
    expect(outbound.handlePubcomp(1, 0, NOW)).toBe(true);
    expect(outbound.handlePubrec(1, 0, NOW)).toBe(false);
  });

  test("PUBCOMP that says the identifier is unknown ends the handshake all the same", () => {
    const { outbound, offer, reconnect } = connectedSender();
    offer("a", 2);
    outbound.handlePubrec(1, 0, NOW);
    expect(outbound.handlePubcomp(1, 0x92, NOW)).toBe(true);
    expect(reconnect()).toEqual([]);
  });
});

describe("a resumed session", () => {
  test("[MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1] [3.1.1 MQTT-3.3.1-1] [3.1.1 MQTT-4.4.0-1] [3.1.1 MQTT-4.6.0-1] [3.1.1 MQTT-2.3.1-3] sends what is unacknowledged again, with DUP, its identifiers and in its order; then the queue", () => {
    const { outbound, offer, reconnect } = connectedSender(4);
    for (const [name, qos] of [
      ["a", 1],
      ["b", 2],
      ["c", 2],
      ["d", 1],
      ["e", 1],
      ["f", 2],
    ] as const)
      offer(name, qos);
    outbound.handlePubrec(2, 0, NOW);
    expect(reconnect(4)).toEqual(["a QoS 1 #1 DUP", "PUBREL #2", "c QoS 2 #3 DUP", "d QoS 1 #4 DUP", "e QoS 1 #5"]);
  });

  test("[MQTT-4.4.0-1] nothing is sent again while the connection lasts", () => {
    const { port, outbound, offer } = connectedSender(2);
    offer("a", 1);
    offer("b", 2);
    offer("c", 1);
    outbound.handlePubrec(2, 0, NOW);
    port.takeWire();
    for (let i = 0; i < 10; i++) outbound.pump(NOW + i * 3_600_000);
    expect(port.wire).toEqual([]);
  });

  test("sends with DUP 0 what was queued and never sent", () => {
    const { offer, reconnect } = sender();
    offer("a", 1);
    offer("b", 2);
    expect(reconnect()).toEqual(["a QoS 1 #1", "b QoS 2 #2"]);
  });

  test("[MQTT-3.3.4-7] [MQTT-3.3.4-9] a smaller Receive Maximum holds for what is sent again, too", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    for (const name of ["a", "b", "c", "d"]) offer(name, 1);
    offer("e", 2);
    expect(reconnect(2)).toEqual(["a QoS 1 #1 DUP", "b QoS 1 #2 DUP"]);
    expect(offer("f", 1)).toBe(true);
    expect(port.takeWire()).toEqual([]);
    outbound.handlePuback(1, 0, NOW);
    outbound.handlePuback(2, 0, NOW);
    expect(port.takeWire()).toEqual(["c QoS 1 #3 DUP", "d QoS 1 #4 DUP"]);
    outbound.handlePuback(3, 0, NOW);
    outbound.handlePuback(4, 0, NOW);
    expect(port.takeWire()).toEqual(["e QoS 2 #5 DUP", "f QoS 1 #6"]);
  });

  test("[MQTT-3.3.4-7] [MQTT-3.3.4-9] PUBCOMP for a PUBREL that was sent again gives back no slot, for it took none", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    for (const name of ["a", "b", "c"]) offer(name, 2);
    outbound.handlePubrec(1, 0, NOW);
    outbound.handlePubrec(2, 0, NOW);
    expect(reconnect(2)).toEqual(["PUBREL #1", "PUBREL #2", "c QoS 2 #3 DUP"]);
    for (const name of ["d", "e", "f"]) offer(name, 1);
    expect(port.takeWire()).toEqual(["d QoS 1 #4"]);
    outbound.handlePubcomp(1, 0, NOW);
    outbound.handlePubcomp(2, 0, NOW);
    expect(port.takeWire()).toEqual([]); // c and d are two already
    outbound.handlePuback(4, 0, NOW);
    expect(port.takeWire()).toEqual(["e QoS 1 #5"]);
  });

  test("an acknowledgement that comes before its PUBLISH was sent again gives back no slot", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    for (const name of ["a", "b", "c"]) offer(name, 1);
    expect(reconnect(1)).toEqual(["a QoS 1 #1 DUP"]);
    outbound.handlePuback(2, 0, NOW);
    expect(port.takeWire()).toEqual([]);
    outbound.handlePuback(1, 0, NOW);
    expect(port.takeWire()).toEqual(["c QoS 1 #3 DUP"]);
  });

  test("starts with the full quota of the new connection", () => {
    const { port, outbound, offer, reconnect } = connectedSender(1);
    offer("a", 1);
    outbound.handlePuback(1, 0, NOW);
    reconnect(3);
    for (const name of ["b", "c", "d", "e"]) offer(name, 1);
    expect(port.takeWire()).toEqual(["b QoS 1 #2", "c QoS 1 #3", "d QoS 1 #4"]);
  });
});

describe("the send quota", () => {
  test("[MQTT-3.3.4-7] [MQTT-3.3.4-9] [MQTT-4.9.0-2] stops PUBLISH at the peer's Receive Maximum until one is finished", () => {
    const { port, outbound, offer } = connectedSender(2);
    for (const [name, qos] of [
      ["a", 2],
      ["b", 1],
      ["c", 2],
      ["d", 1],
      ["e", 1],
    ] as const)
      offer(name, qos);
    expect(port.takeWire()).toEqual(["a QoS 2 #1", "b QoS 1 #2"]);
    outbound.handlePuback(2, 0, NOW);
    expect(port.takeWire()).toEqual(["c QoS 2 #3"]);
    outbound.handlePubrec(1, 0, NOW); // no slot yet
    expect(port.takeWire()).toEqual(["PUBREL #1"]);
    outbound.handlePubcomp(1, 0, NOW);
    expect(port.takeWire()).toEqual(["d QoS 1 #4"]);
    outbound.handlePubrec(3, 0x83, NOW);
    expect(port.takeWire()).toEqual(["e QoS 1 #5"]);
  });

  test("[MQTT-3.3.4-8] [MQTT-3.3.4-10] [MQTT-4.9.0-3] PUBREL goes out although the quota is used up", () => {
    const { port, outbound, offer, reconnect } = connectedSender(1);
    offer("a", 2);
    offer("b", 2);
    port.takeWire();
    outbound.handlePubrec(1, 0, NOW);
    expect(port.takeWire()).toEqual(["PUBREL #1"]);
    expect(reconnect(1)).toEqual(["PUBREL #1", "b QoS 2 #2"]);
    outbound.handlePubrec(2, 0, NOW);
    expect(port.takeWire()).toEqual(["PUBREL #2"]);
  });

  test("is not taken up by what is dropped", () => {
    const { port, offer } = connectedSender(1);
    port.tooLarge.add("a");
    expect(offer("a", 1)).toBe(false);
    expect(offer("b", 1)).toBe(true);
    expect(port.wire).toEqual(["b QoS 1 #1"]);
    expect(port.told).toEqual(["a too-large", "a completed #0 0x0", "b sent #1"]);
  });

  test("65,535 messages can be under way; the next one waits for an identifier", () => {
    const { port, outbound, offer } = connectedSender(65_535);
    for (let i = 0; i < 65_535; i++) offer(`${i}`, 1);
    expect(outbound.inFlight.size).toBe(65_535);
    port.takeWire();
    expect(offer("last", 1)).toBe(true);
    expect([port.wire.length, outbound.queue.size]).toEqual([0, 1]);
    outbound.handlePuback(500, 0, NOW);
    expect(port.wire).toEqual(["last QoS 1 #500"]);
  });
});

describe("the queue", () => {
  test("[MQTT-3.3.2-5] drops what expired before it was sent, on offer and on its turn", () => {
    const { port, outbound, offer, reconnect } = sender();
    expect(offer("past", 1, NOW)).toBe(false);
    expect(offer("soon", 1, NOW + 1)).toBe(true);
    expect(offer("later", 1, NOW + 1000)).toBe(true);
    expect(reconnect(100, NOW + 1)).toEqual(["later QoS 1 #1"]);
    expect(port.told.filter((line) => !line.includes("completed"))).toEqual([
      "past expired",
      "soon expired",
      "later sent #1",
    ]);
    expect(outbound.queue.size).toBe(0);
  });

  test("[MQTT-4.3.3-7] what was sent does not expire", () => {
    const { offer, reconnect } = connectedSender();
    offer("a", 2, NOW + 1);
    offer("b", 1, NOW + 1);
    expect(reconnect(100, NOW + 10_000)).toEqual(["a QoS 2 #1 DUP", "b QoS 1 #2 DUP"]);
  });

  test("[MQTT-3.1.2-25] drops what the peer does not accept, as if delivered: no identifier, no slot", () => {
    const { port, offer, reconnect } = sender();
    for (const name of ["a", "large", "b"]) offer(name, 2);
    port.tooLarge.add("large");
    expect(reconnect(2)).toEqual(["a QoS 2 #1", "b QoS 2 #2"]);
    expect(port.told).toEqual(["a sent #1", "large too-large", "large completed #0 0x0", "b sent #2"]);
  });

  test("drops by its policy and tells whom", () => {
    const { port, offer, reconnect } = sender({ queuedMessagesMax: 2, queueFullPolicy: "drop-oldest" });
    for (const name of ["a", "b", "c"]) expect(offer(name, 1)).toBe(true);
    expect(port.told).toEqual(["a queue-full", "a completed #0 0x0"]);
    expect(reconnect()).toEqual(["b QoS 1 #1", "c QoS 1 #2"]);
    const refusing = sender({ queuedMessagesMax: 2 });
    expect(["a", "b", "c"].map((name) => refusing.offer(name, 1))).toEqual([true, true, false]);
    expect(refusing.port.told).toEqual(["c queue-full", "c completed #0 0x0"]);
  });

  test("nothing overtakes it", () => {
    const { port, outbound, offer } = connectedSender();
    port.writable = false;
    offer("a", 1);
    offer("b", 2);
    port.writable = true;
    offer("c", 1);
    expect(port.wire).toEqual([]);
    outbound.pump(NOW);
    expect(port.wire).toEqual(["a QoS 1 #1", "b QoS 2 #2", "c QoS 1 #3"]);
  });

  test("waits while the connection takes no more, and while it is away", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    expect(outbound.isReady).toBe(true);
    port.writable = false;
    expect(outbound.isReady).toBe(false);
    offer("a", 1);
    outbound.pump(NOW);
    expect(port.wire).toEqual([]);
    outbound.disconnected();
    expect(outbound.isConnected).toBe(false);
    port.writable = true;
    offer("b", 1);
    outbound.pump(NOW);
    expect(port.wire).toEqual([]);
    expect(reconnect()).toEqual(["a QoS 1 #1", "b QoS 1 #2"]);
    expect(outbound.isReady).toBe(true);
  });

  test("what is sent again waits for the connection, too, and new messages behind it", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    offer("a", 1);
    port.writable = false;
    expect(reconnect()).toEqual([]);
    offer("b", 1);
    port.writable = true;
    offer("c", 1);
    expect(port.wire).toEqual([]);
    outbound.pump(NOW);
    expect(port.wire).toEqual(["a QoS 1 #1 DUP", "b QoS 1 #2", "c QoS 1 #3"]);
  });

  test("[MQTT-2.2.1-2] [MQTT-3.3.1-2] [3.1.1 MQTT-2.3.1-5] [3.1.1 MQTT-3.3.1-2] keeps QoS 0 for a client that is away, and sends it once, without identifier and DUP", () => {
    const { port, outbound, offer, reconnect } = sender();
    offer("zero", 0);
    offer("one", 1);
    expect(reconnect(1)).toEqual(["zero QoS 0 #0", "one QoS 1 #1"]);
    expect(port.told).toEqual(["zero completed #0 0x0", "one sent #1"]);
    expect(outbound.inFlight.size).toBe(1);
    expect(reconnect()).toEqual(["one QoS 1 #1 DUP"]);
  });
});

describe("[MQTT-3.1.2-25] what was sent and is too large for the next connection", () => {
  test("is given up at QoS 1", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    offer("large", 1);
    offer("small", 1);
    port.tooLarge.add("large");
    expect(reconnect(1)).toEqual(["small QoS 1 #2 DUP"]);
    expect(port.told.slice(2)).toEqual(["large too-large", "large completed #1 0x0"]);
    expect(outbound.inFlight.inOrder()).toEqual([2]);
  });

  test("is given up at QoS 2 with PUBREL, for the peer may hold its identifier", () => {
    const { port, outbound, offer, reconnect } = connectedSender();
    offer("large", 2);
    offer("small", 2);
    port.tooLarge.add("large");
    expect(reconnect(1)).toEqual(["PUBREL #1", "small QoS 2 #2 DUP"]);
    expect(port.told.slice(2)).toEqual(["large too-large", "large received #1"]);
    expect(reconnect(1)).toEqual(["PUBREL #1", "small QoS 2 #2 DUP"]);
    expect(outbound.handlePubcomp(1, 0x92, NOW)).toBe(true);
    expect(port.told.at(-1)).toBe("large completed #1 0x92");
    expect(outbound.inFlight.inOrder()).toEqual([2]);
  });
});
