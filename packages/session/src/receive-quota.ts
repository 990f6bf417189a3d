/**
 * The receiving side's count of unfinished PUBLISH packets with QoS > 0 (MQTT 5.0 section 3.3.4). One per connection.
 */
/** Unfinished inbound PUBLISH packets with QoS > 0, against the Receive Maximum of this side (section 3.3.4). */
export class ReceiveQuota {
  readonly maximum: number;
  /** PUBLISH packets of this connection without their last answer. */
  unfinished = 0;

  /** `receiveMaximum` is the value this side announced, 1 to 65535. */
  constructor(receiveMaximum: number) {
    this.maximum = receiveMaximum;
  }

  /** A PUBLISH with QoS > 0 came. False: the peer exceeded the maximum, answer 0x93 [MQTT-3.3.4-7]. */
  take(): boolean {
    if (this.unfinished >= this.maximum) return false;
    this.unfinished += 1;
    return true;
  }

  /**
   * PUBACK, PUBCOMP, or PUBREC with 0x80 or above was sent. Clamped: a PUBREL may finish a PUBLISH that came on an
   * earlier connection and was never counted here. So a peer may get away with one more for each of these, never with less.
   */
  giveBack(): void {
    if (this.unfinished > 0) this.unfinished -= 1;
  }
}
