/**
 * Acknowledgements of one connection that may not leave yet: a hook holds them, or what they promise is not durable.
 * They leave in the order in which their requests came [MQTT-4.6.0-2] [MQTT-4.6.0-3]; one that is not ready holds those
 * behind it. Bounded by the Receive Maximum of the connection; SUBACK and UNSUBACK by its reading pace.
 */
import type { ControlPacket, ReasonCode } from "@tidings/packet";
import type { Ticket } from "@tidings/session";

export interface PendingAcknowledgement {
  packet: ControlPacket;
  /** Leaves when the store has made this durable; Infinity while the store has not been told all that it promises. */
  ticket: Ticket;
  /** False while a hook holds it. */
  ready: boolean;
}

/** The place of an answer that a hook holds. */
export interface HeldAcknowledgement {
  /** For the hook: the answer may leave, with this Reason Code. */
  readonly release: (reasonCode?: ReasonCode) => void;
  /** For the broker: the store has been told what the answer promises. */
  readonly told: () => void;
}

/** Where answers leave. */
export interface AnswerSender {
  sendAnswer(packet: ControlPacket): void;
}

export class PendingAcknowledgements {
  private entries: PendingAcknowledgement[] = [];
  private head = 0;

  get size(): number {
    return this.entries.length - this.head;
  }

  has(packetIdentifier: number): boolean {
    for (let i = this.head; i < this.entries.length; i++) {
      const { packet } = this.entries[i];
      if ("packetIdentifier" in packet && packet.packetIdentifier === packetIdentifier) return true;
    }
    return false;
  }

  push(entry: PendingAcknowledgement): void {
    this.entries.push(entry);
  }

  /** Sends what may leave. */
  release(durableUpTo: Ticket, sender: AnswerSender): void {
    while (this.head < this.entries.length) {
      const entry = this.entries[this.head];
      if (!entry.ready || entry.ticket > durableUpTo) break;
      this.head += 1;
      sender.sendAnswer(entry.packet);
    }
    if (this.head === this.entries.length) {
      this.entries.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      this.entries.splice(0, this.head);
      this.head = 0;
    }
  }
}
