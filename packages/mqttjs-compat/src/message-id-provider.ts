/** Numbers for messages that wait for their acknowledgement: 1 to 65,535 in turn, none twice at a time. */

/** Who hands out numbers: one of those below, or the program's own, with the option `messageIdProvider`. */
export interface IMessageIdProvider {
  /** Null: all are taken. */
  allocate(): number | null;
  /** The newest; null before the first. */
  getLastAllocated(): number | null;
  /** Takes that one. False: it was taken already. */
  register(messageId: number): boolean;
  deallocate(messageId: number): void;
  /** Gives all back. */
  clear(): void;
}

const MESSAGE_ID_MAX = 65_535;

export class UniqueMessageIdProvider implements IMessageIdProvider {
  readonly #taken = new Set<number>();
  #last = 0;

  allocate(): number | null {
    if (this.#taken.size === MESSAGE_ID_MAX) return null;
    do {
      this.#last = (this.#last % MESSAGE_ID_MAX) + 1;
    } while (this.#taken.has(this.#last));
    this.#taken.add(this.#last);
    return this.#last;
  }

  getLastAllocated(): number | null {
    return this.#last === 0 ? null : this.#last;
  }

  register(messageId: number): boolean {
    if (this.#taken.has(messageId)) return false;
    this.#taken.add(messageId);
    return true;
  }

  deallocate(messageId: number): void {
    this.#taken.delete(messageId);
  }

  clear(): void {
    this.#taken.clear();
  }
}

/** The same: in MQTT.js this one may hand out a number that is still taken, here it does not. */
export class DefaultMessageIdProvider extends UniqueMessageIdProvider {}
