/**
 * What a session may not send at QoS 2 before its store has it. A PUBLISH: after a crash it would go out under another
 * identifier, and the client would take it for another message. A PUBREL: after a crash the PUBLISH would go out again
 * to a client that has forgotten the identifier. Bounded by the messages in flight; gone with the connection.
 */
import type { Ticket } from "@tidings/session";
import type { Delivery } from "./delivery.js";

interface HeldDelivery {
  readonly ticket: Ticket;
  /** Undefined for PUBREL. */
  readonly delivery: Delivery | undefined;
  readonly packetIdentifier: number;
}

export class HeldDeliveries {
  private held: HeldDelivery[] = [];

  get size(): number {
    return this.held.length;
  }

  push(ticket: Ticket, delivery: Delivery | undefined, packetIdentifier: number): void {
    this.held.push({ ticket, delivery, packetIdentifier });
  }

  /** Takes out what may leave now, in order. */
  release(durableUpTo: Ticket): readonly HeldDelivery[] {
    let count = 0;
    while (count < this.held.length && this.held[count].ticket <= durableUpTo) count += 1;
    return count === 0 ? [] : this.held.splice(0, count);
  }

  clear(): void {
    this.held = [];
  }
}
