/**
 * Events as Node's EventEmitter has them, small, typed and without Node. One thing differs: an `error` that nobody listens
 * to is dropped, and never ends a process.
 */

/** The listeners of each event, by its name. */
export type Listeners<Events> = { [Name in keyof Events]: (...values: never[]) => void };

interface Entry {
  readonly listener: (...values: never[]) => void;
  readonly isOnce: boolean;
}

export class Emitter<Events extends Listeners<Events>> {
  readonly #entries = new Map<keyof Events, readonly Entry[]>();

  on<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.#add(name, { listener, isOnce: false }, false);
  }

  /** The listener is called for the next event alone. */
  once<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.#add(name, { listener, isOnce: true }, false);
  }

  addListener<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.on(name, listener);
  }

  /** The listener is called before those that are there. */
  prependListener<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.#add(name, { listener, isOnce: false }, true);
  }

  prependOnceListener<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.#add(name, { listener, isOnce: true }, true);
  }

  /** Takes away the newest entry of that listener. */
  off<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    const entries = this.#entries.get(name) ?? [];
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) this.#put(name, entries.toSpliced(index, 1));
    return this;
  }

  removeListener<Name extends keyof Events>(name: Name, listener: Events[Name]): this {
    return this.off(name, listener);
  }

  /** Without a name: of all events. */
  removeAllListeners(name?: keyof Events): this {
    if (name === undefined) this.#entries.clear();
    else this.#entries.delete(name);
    return this;
  }

  listeners<Name extends keyof Events>(name: Name): Events[Name][] {
    return (this.#entries.get(name) ?? []).map(({ listener }) => listener as Events[Name]);
  }

  listenerCount(name: keyof Events): number {
    return this.#entries.get(name)?.length ?? 0;
  }

  eventNames(): (keyof Events)[] {
    return [...this.#entries.keys()];
  }

  /** There is no limit, and so no warning. */
  setMaxListeners(_count: number): this {
    return this;
  }

  /** Calls the listeners that are there now, in order. What one throws comes out, and keeps the rest from being called. */
  emit<Name extends keyof Events>(name: Name, ...values: Parameters<Events[Name]>): boolean {
    const entries = this.#entries.get(name);
    if (entries === undefined) return false;
    for (const entry of entries) {
      if (entry.isOnce) this.#drop(name, entry);
      (entry.listener as (...values: unknown[]) => void).apply(this, values);
    }
    return true;
  }

  #add(name: keyof Events, entry: Entry, isFirst: boolean): this {
    const entries = this.#entries.get(name) ?? [];
    this.#put(name, isFirst ? [entry, ...entries] : [...entries, entry]);
    return this;
  }

  #drop(name: keyof Events, entry: Entry): void {
    this.#put(
      name,
      (this.#entries.get(name) ?? []).filter((other) => other !== entry),
    );
  }

  #put(name: keyof Events, entries: readonly Entry[]): void {
    if (entries.length === 0) this.#entries.delete(name);
    else this.#entries.set(name, entries);
  }
}
