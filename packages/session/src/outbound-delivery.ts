/**
 * The sender's half of QoS 1 and 2 (MQTT 5.0 sections 4.3, 4.4, 4.6 and 4.9), the same at both ends: a send quota, the
 * identifiers in flight, and the queue behind them. Decides what may be sent and when; writes no bytes: `send` and
 * `sendPubrel` of the owner do. State survives the connection; the quota does not.
 */
import type { QoS } from "@tidings/packet";
import { Awaiting, InFlightWindow } from "./in-flight-window.js";
import type { MessageQueue, QueueEntry, QueueOwner } from "./message-queue.js";
import { SendQuota } from "./send-quota.js";

/** What is sent: one message to one receiver. Shared and immutable, so that many sessions may hold the same one. */
export interface Delivery extends QueueEntry {
  /** The QoS of this delivery, 1 or 2 for what goes in flight; 0 only in a queue that keeps QoS 0. */
  readonly qos: QoS;
  /** Absolute time in milliseconds after which an unsent message is dropped; Infinity: never [MQTT-3.3.2-5]. */
  readonly expiresAtMs: number;
}

/** Why a delivery was given up. */
export type DeliveryDropReason = "queue-full" | "expired" | "too-large";

/** The owner's side: bytes, journal, counters. */
export interface DeliveryPort<D extends Delivery> {
  /**
   * Sends a PUBLISH. `packetIdentifier` is 0 for QoS 0. `dup` is true only when it was sent before [MQTT-3.3.1-1].
   */
  send(delivery: D, packetIdentifier: number, dup: boolean): void;
  sendPubrel(packetIdentifier: number): void;
  /**
   * False: larger than the peer accepts, or not for it any more; it is dropped as if delivered, no identifier is taken
   * [MQTT-3.1.2-25].
   */
  fits(delivery: D): boolean;
  /** False: the connection has enough unsent bytes; the rest stays queued until `pump` is called again. */
  readonly writable: boolean;
  /** It is given up. For counters: `completed` is told as well. */
  dropped(delivery: D, reason: DeliveryDropReason): void;
  /** An identifier was given to a delivery. For the journal. */
  sent(delivery: D, packetIdentifier: number): void;
  /**
   * PUBREC came for it: the message itself is not needed any more. The answer is what to hold until PUBCOMP, for the
   * journal; undefined when nothing is.
   */
  received(delivery: D | undefined, packetIdentifier: number): D | undefined;
  /**
   * It is over, exactly once for each delivery offered or restored: acknowledged well (below 0x80) or not, sent at QoS 0,
   * or dropped. `packetIdentifier` is 0 when it took none; otherwise the identifier is free again. For the journal and
   * for whoever waits.
   */
  completed(delivery: D | undefined, packetIdentifier: number, reasonCode: number): void;
}

/**
 * The sender of one session: what was sent and waits for its acknowledgement, what waits for its turn, and when it may be
 * sent (sections 4.3, 4.4, 4.6, 4.9). `connected` and `disconnected` frame each connection; in between `offer` takes
 * messages, the three handlers take acknowledgements, and `pump` goes on when the connection has room again.
 */
export class OutboundDelivery<D extends Delivery, Q extends MessageQueue<D> = MessageQueue<D>>
  implements QueueOwner<D>
{
  readonly inFlight = new InFlightWindow<D | undefined>();
  readonly queue: Q;
  private quota: SendQuota | undefined;
  /** Identifiers still to be sent again on this connection, in order. */
  private resending: number[] | undefined;
  private resendIndex = 0;
  /**
   * Identifiers in flight that took no slot of this connection: their PUBLISH went out on an earlier one and was not
   * sent again, yet or at all. Their acknowledgement gives no slot back; otherwise more than Receive Maximum could be
   * under way [MQTT-3.3.4-9].
   */
  private slotless: Set<number> | undefined;

  /** `makeQueue` is told whom the queue belongs to. */
  constructor(
    private readonly port: DeliveryPort<D>,
    makeQueue: (owner: QueueOwner<D>) => Q,
  ) {
    this.queue = makeQueue(this);
  }

  /** True between `connected` and `disconnected`. */
  get isConnected(): boolean {
    return this.quota !== undefined;
  }

  /**
   * A connection carries this session now, and its CONNACK is written. Starts to resend what was in flight, in the
   * original order [MQTT-4.4.0-1] [MQTT-4.6.0-1], then the queue; as far as quota and connection allow.
   */
  connected(receiveMaximum: number, nowMs: number): void {
    this.quota = new SendQuota(receiveMaximum);
    if (this.inFlight.size > 0) {
      this.resending = this.inFlight.inOrder();
      this.resendIndex = 0;
      this.slotless = new Set(this.resending);
    }
    this.pump(nowMs);
  }

  /** The connection is over. What was in flight waits for the next one. */
  disconnected(): void {
    this.quota = undefined;
    this.resending = undefined;
    this.slotless = undefined;
  }

  /** True: the next `offer` is sent at once. */
  get isReady(): boolean {
    return (
      this.quota !== undefined &&
      this.quota.available > 0 &&
      this.queue.size === 0 &&
      this.resending === undefined &&
      this.port.writable &&
      this.inFlight.size < 65_535
    );
  }

  /**
   * Sends a QoS 1 or 2 message at once when it may, else queues it. False: it was dropped. A QoS 0 message may only be
   * offered to keep it for a client that is away.
   */
  offer(delivery: D, nowMs: number): boolean {
    if (this.isReady) {
      if (!this.port.fits(delivery)) {
        this.drop(delivery, "too-large");
        return false;
      }
      this.quota?.take();
      this.start(delivery);
      return true;
    }
    if (delivery.expiresAtMs <= nowMs) {
      this.drop(delivery, "expired");
      return false;
    }
    // What expired at the front leaves its room to others.
    for (let front = this.queue.peek(); front !== undefined && front.expiresAtMs <= nowMs; front = this.queue.peek()) {
      this.queue.shift();
      this.drop(front, "expired");
    }
    return this.queue.push(delivery);
  }

  /** Sends as much of the backlog as quota and connection allow. Call when the connection has drained. */
  pump(nowMs: number): void {
    if (this.quota === undefined) return;
    if (this.resending !== undefined && !this.resend()) return;
    const { queue, port } = this;
    while (port.writable) {
      const delivery = queue.peek();
      if (delivery === undefined) return;
      if (delivery.expiresAtMs <= nowMs) {
        queue.shift();
        this.drop(delivery, "expired");
      } else if (!port.fits(delivery)) {
        queue.shift();
        this.drop(delivery, "too-large");
      } else if (delivery.qos === 0) {
        queue.shift();
        port.send(delivery, 0, false);
        port.completed(delivery, 0, 0);
      } else {
        if (this.inFlight.size >= 65_535 || !this.quota.take()) return;
        queue.shift();
        this.start(delivery);
      }
    }
  }

  /** False: no QoS 1 PUBLISH awaits this identifier. */
  handlePuback(packetIdentifier: number, reasonCode: number, nowMs: number): boolean {
    if (this.inFlight.stateOf(packetIdentifier) !== Awaiting.Puback) return false;
    this.finish(packetIdentifier, reasonCode, nowMs);
    return true;
  }

  /** False: unknown identifier; in 5.0 the answer is PUBREL with 0x92. True: a PUBREL was sent if one is due. */
  handlePubrec(packetIdentifier: number, reasonCode: number, nowMs: number): boolean {
    const state = this.inFlight.stateOf(packetIdentifier);
    if (state === Awaiting.Pubcomp) {
      // A repeated PUBREC, as 3.1 allows: the handshake stands where it stood.
      this.port.sendPubrel(packetIdentifier);
      return true;
    }
    if (state !== Awaiting.Pubrec) return false;
    if (reasonCode >= 0x80) {
      this.finish(packetIdentifier, reasonCode, nowMs);
      return true;
    }
    this.release(packetIdentifier);
    return true;
  }

  /** False: no PUBREL awaits this identifier. */
  handlePubcomp(packetIdentifier: number, reasonCode: number, nowMs: number): boolean {
    if (this.inFlight.stateOf(packetIdentifier) !== Awaiting.Pubcomp) return false;
    this.finish(packetIdentifier, reasonCode, nowMs);
    return true;
  }

  /** @internal */
  queueDropped(delivery: D): void {
    this.drop(delivery, "queue-full");
  }

  private drop(delivery: D, reason: DeliveryDropReason): void {
    this.port.dropped(delivery, reason);
    this.port.completed(delivery, 0, 0);
  }

  private start(delivery: D): void {
    const packetIdentifier = this.inFlight.allocate(delivery, delivery.qos === 1 ? Awaiting.Puback : Awaiting.Pubrec);
    this.port.sent(delivery, packetIdentifier);
    this.port.send(delivery, packetIdentifier, false);
  }

  /** From here on only PUBREL is sent, and sent again [MQTT-4.3.3-4] [MQTT-4.3.3-6]. */
  private release(packetIdentifier: number): void {
    const delivery = this.inFlight.itemOf(packetIdentifier);
    this.inFlight.received(packetIdentifier, this.port.received(delivery, packetIdentifier));
    this.port.sendPubrel(packetIdentifier);
  }

  private finish(packetIdentifier: number, reasonCode: number, nowMs: number): void {
    const delivery = this.inFlight.itemOf(packetIdentifier);
    this.inFlight.release(packetIdentifier);
    if (this.slotless?.delete(packetIdentifier) !== true) this.quota?.giveBack();
    this.port.completed(delivery, packetIdentifier, reasonCode);
    if (this.queue.size > 0 || this.resending !== undefined) this.pump(nowMs);
  }

  /** True when nothing is left to send again. */
  private resend(): boolean {
    const { inFlight, port } = this;
    const resending = this.resending as number[];
    while (this.resendIndex < resending.length) {
      const packetIdentifier = resending[this.resendIndex];
      const state = inFlight.stateOf(packetIdentifier);
      if (state === Awaiting.Pubcomp) {
        port.sendPubrel(packetIdentifier); // needs no quota [MQTT-4.9.0-3]
      } else if (state === Awaiting.Puback || state === Awaiting.Pubrec) {
        const delivery = inFlight.itemOf(packetIdentifier) as D;
        if (!port.fits(delivery)) {
          port.dropped(delivery, "too-large");
          if (state === Awaiting.Pubrec) {
            // The receiver may have it from an earlier connection: only PUBREL makes it forget the identifier.
            this.release(packetIdentifier);
          } else {
            this.slotless?.delete(packetIdentifier);
            inFlight.release(packetIdentifier);
            port.completed(delivery, packetIdentifier, 0);
          }
        } else {
          if (!port.writable || !(this.quota as SendQuota).take()) return false;
          this.slotless?.delete(packetIdentifier);
          port.send(delivery, packetIdentifier, true);
        }
      }
      this.resendIndex += 1;
    }
    this.resending = undefined;
    return true;
  }
}
