/**
 * The receiver's half of QoS 2 (MQTT 5.0 section 4.3.3, method A of figure 4.3): identifiers between PUBLISH and PUBREL.
 * QoS 1 keeps nothing here. Part of the session: survives the connection [MQTT-4.3.3-10].
 */
/** Identifiers of inbound QoS 2 messages between PUBLISH and PUBREL (section 4.3.3). Empty ones cost nothing. */
export class InboundDelivery {
  private identifiers: Set<number> | undefined;

  /** Identifiers between PUBLISH and PUBREL. */
  get size(): number {
    return this.identifiers === undefined ? 0 : this.identifiers.size;
  }

  /** True: a new message, deliver it. False: a repeat, answer PUBREC and do not deliver [MQTT-4.3.3-10]. */
  begin(packetIdentifier: number): boolean {
    if (this.identifiers === undefined) this.identifiers = new Set();
    else if (this.identifiers.has(packetIdentifier)) return false;
    this.identifiers.add(packetIdentifier);
    return true;
  }

  /** A PUBLISH with this identifier would be a repeat. */
  has(packetIdentifier: number): boolean {
    return this.identifiers?.has(packetIdentifier) === true;
  }

  /** PUBREL came, or PUBREC was negative. False: the identifier was unknown, answer 0x92 in 5.0. */
  end(packetIdentifier: number): boolean {
    return this.identifiers?.delete(packetIdentifier) === true;
  }

  /** The identifiers, in order of arrival. */
  list(): number[] {
    return this.identifiers === undefined ? [] : [...this.identifiers];
  }
}
