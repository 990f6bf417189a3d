/**
 * Send quota (MQTT 5.0 section 4.9): how many PUBLISH packets with QoS > 0 may be sent before an acknowledgement comes
 * back. Knows no packets and no identifiers; the caller says when a slot is taken and returned. One per direction; it
 * dies with the Network Connection.
 */
import { assert } from "@tidings/packet";

/** Receive Maximum assumed when the peer sends none (3.1.2.11.3). */
export const RECEIVE_MAXIMUM_DEFAULT = 65_535;

/** How many PUBLISH packets with QoS > 0 may still be sent (section 4.9). One per connection. */
export class SendQuota {
  readonly initial: number;
  /** Slots left, 0 to `initial`. */
  available: number;

  /** `receiveMaximum` is 1 to 65535, as announced by the side that will receive. */
  constructor(receiveMaximum: number) {
    assert(receiveMaximum >= 1 && receiveMaximum <= RECEIVE_MAXIMUM_DEFAULT, "Receive Maximum is 1 to 65535");
    this.initial = receiveMaximum;
    this.available = receiveMaximum;
  }

  /** False means: leave the message queued [MQTT-3.3.4-9] [MQTT-4.9.0-2]. */
  take(): boolean {
    if (this.available === 0) return false;
    this.available -= 1;
    return true;
  }

  /**
   * Call on PUBACK, on PUBCOMP, and on PUBREC with Reason Code 0x80 or above, of a PUBLISH that took a slot of this
   * connection: the PUBCOMP of a PUBREL resent after a reconnect did not. Never grows beyond its start.
   */
  giveBack(): void {
    if (this.available < this.initial) this.available += 1;
  }
}
