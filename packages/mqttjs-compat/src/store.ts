/**
 * Where MQTT.js keeps messages until they are acknowledged: the interface that stores of other packages have, and one in
 * memory.
 */
import { Emitter } from "./emitter.js";
import type { Packet } from "./packets.js";

/** A packet that a store can find again. */
export type StoredPacket = Packet & { messageId?: number };
type StoreCallback = (error?: Error | null, packet?: StoredPacket) => void;

/** What a store's `createStream` answers with: any readable stream of packets. */
interface IPacketStream {
  on(name: "data", listener: (packet: StoredPacket) => void): unknown;
  on(name: "end" | "close", listener: () => void): unknown;
  on(name: "error", listener: (error: Error) => void): unknown;
}

export interface IStore {
  put(packet: StoredPacket, callback: StoreCallback): unknown;
  get(packet: { messageId?: number }, callback: StoreCallback): unknown;
  del(packet: { messageId?: number }, callback: StoreCallback): unknown;
  createStream(): IPacketStream;
  close(callback: (error?: Error | null) => void): unknown;
}

export interface IStoreOptions {
  /** Whether `close` empties the store. Default true. */
  clean?: boolean;
}

/** In memory. Every callback is called before its method returns. */
export class Store implements IStore {
  readonly #packets = new Map<number | undefined, StoredPacket>();
  readonly #isCleanedByClose: boolean;

  constructor(options: IStoreOptions = {}) {
    this.#isCleanedByClose = options.clean !== false;
  }

  /** Replaces the one with the same `messageId`. */
  put(packet: StoredPacket, callback: StoreCallback = () => {}): this {
    this.#packets.set(packet.messageId, packet);
    callback();
    return this;
  }

  get({ messageId }: { messageId?: number }, callback: StoreCallback = () => {}): this {
    const packet = this.#packets.get(messageId);
    if (packet === undefined) callback(missing());
    else callback(null, packet);
    return this;
  }

  /** The callback gets the packet that was there. */
  del({ messageId }: { messageId?: number }, callback: StoreCallback = () => {}): this {
    const packet = this.#packets.get(messageId);
    this.#packets.delete(messageId);
    if (packet === undefined) callback(missing());
    else callback(null, packet);
    return this;
  }

  /** All that is there now, oldest first. */
  createStream(): PacketStream {
    return new PacketStream([...this.#packets.values()]);
  }

  close(callback: (error?: Error | null) => void = () => {}): void {
    if (this.#isCleanedByClose) this.#packets.clear();
    callback();
  }
}

type PacketStreamEvents = {
  data: (packet: StoredPacket) => void;
  end: () => void;
  close: () => void;
  error: (error: Error) => void;
};

/** Packets one after the other: by `data` events, or with `for await`. Begins a microtask after it is made. */
export class PacketStream extends Emitter<PacketStreamEvents> {
  readonly #packets: StoredPacket[];
  #isOver = false;

  constructor(packets: StoredPacket[]) {
    super();
    this.#packets = packets;
    void Promise.resolve().then(() => this.#flow());
  }

  /** No more events. */
  destroy(): this {
    this.#packets.length = 0;
    this.#isOver = true;
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StoredPacket, void> {
    this.#isOver = true;
    yield* this.#packets.splice(0);
  }

  #flow(): void {
    for (const packet of this.#isOver ? [] : this.#packets.splice(0)) {
      if (!this.#isOver) this.emit("data", packet);
    }
    if (this.#isOver) return;
    this.#isOver = true;
    this.emit("end");
    this.emit("close");
  }
}

function missing(): Error {
  return new Error("missing packet");
}
