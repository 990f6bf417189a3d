/**
 * Acknowledgements in the order in which the messages came (MQTT 5.0 section 4.6), whatever the order in which they were
 * dealt with. One for PUBACK and one for PUBREC in each connection. Knows no bytes.
 */

/** A message that will be acknowledged. */
export interface Acknowledgeable {
  /** The Reason Code to answer with; -1 while it is not known. */
  reasonCode: number;
}

/** First in, first out; each leaves when it and all before it are settled [MQTT-4.6.0-2] [MQTT-4.6.0-3]. */
export class AcknowledgementOrder<T extends Acknowledgeable> {
  #waiting: T[] = [];
  #head = 0;

  readonly #send: (entry: T) => void;

  constructor(send: (entry: T) => void) {
    this.#send = send;
  }

  /** Entries that have not been sent. */
  get size(): number {
    return this.#waiting.length - this.#head;
  }

  push(entry: T): void {
    this.#waiting.push(entry);
  }

  /** An entry has got its Reason Code: sends what may be sent now. */
  settled(): void {
    const waiting = this.#waiting;
    while (this.#head < waiting.length && waiting[this.#head].reasonCode >= 0) this.#send(waiting[this.#head++]);
    if (this.#head === waiting.length) {
      waiting.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024) {
      waiting.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
