/** What the program publishes, until it is acknowledged: numbers, callbacks, and the option `outgoingStore`. */
import { ClientError } from "@tidings/client";
import type { IClientPublishOptions } from "./client-options.js";
import type { ClientSlot } from "./client-slot.js";
import { shownError } from "./errors.js";
import type { PacketCallback } from "./events.js";
import type { IMessageIdProvider } from "./message-id-provider.js";
import type { MqttClient } from "./mqtt-client.js";
import type { IPublishPacket } from "./packets.js";
import { toOurs } from "./properties.js";
import type { IStore, StoredPacket } from "./store.js";
import { later, refuses, surfacing } from "./surface.js";

/** Messages that failed for good are not kept; those of a client that was closed are. */
const KEPT_AFTER = new Set([
  "TIDINGS_CLIENT_CLOSED",
  "TIDINGS_CLIENT_CONNECT_REFUSED",
  "TIDINGS_CLIENT_CONNECT_FAILED",
]);

export class OutgoingMessages {
  /** Ends the wait of those that have a number. */
  readonly #waiting = new Map<number, AbortController>();
  readonly #mqttClient: MqttClient;
  readonly #slot: ClientSlot;
  readonly #numbers: IMessageIdProvider;
  /** Told when the last one is acknowledged. */
  readonly #onEmpty: () => void;
  /** The store's work so far; undefined without a store. */
  #stored: Promise<void> | undefined;

  constructor(mqttClient: MqttClient, slot: ClientSlot, numbers: IMessageIdProvider, onEmpty: () => void) {
    this.#mqttClient = mqttClient;
    this.#slot = slot;
    this.#numbers = numbers;
    this.#onEmpty = onEmpty;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get lastMessageId(): number {
    return this.#numbers.getLastAllocated() ?? 0;
  }

  publish(
    topic: string,
    message: string | Uint8Array,
    options: IClientPublishOptions,
    callback: PacketCallback | undefined,
  ): void {
    if (refuses(this.#mqttClient, callback)) return;
    const { qos = 0, retain = false, dup = false, properties, cbStorePut } = options;
    const packet: IPublishPacket = { cmd: "publish", topic, payload: message as Buffer, qos, retain, dup };
    if (properties !== undefined) packet.properties = properties;
    if (qos === 0) {
      if (this.#mqttClient.options.queueQoSZero === false && !this.#mqttClient.connected) {
        later(() => callback?.(new Error("No connection to broker")));
      } else {
        this.#send(packet, undefined, callback);
      }
      return;
    }
    const abort = new AbortController();
    const messageId = this.#allocate(abort);
    if (messageId === 0) {
      later(() => callback?.(new Error("No message id left: 65,535 messages wait for their acknowledgement.")));
      return;
    }
    packet.messageId = messageId;
    const { outgoingStore } = this.#mqttClient.options;
    if (!outgoingStore) {
      if (cbStorePut !== undefined) later(cbStorePut);
      this.#send(packet, abort, callback);
      return;
    }
    this.#inStore(async () => {
      await settled((done) => outgoingStore.put(packet, done));
      if (cbStorePut !== undefined) surfacing(cbStorePut);
      this.#send(packet, abort, callback);
    }).catch((error) => this.#finish(packet, callback, error));
  }

  /** The callback gets an error, and the store forgets it. */
  remove(messageId: number): void {
    this.#waiting.get(messageId)?.abort();
  }

  /** A client was made: what the store has from before goes out first. */
  recover(): void {
    const { outgoingStore } = this.#mqttClient.options;
    if (!outgoingStore) return;
    this.#inStore(async () => {
      for (const packet of await contentOf(outgoingStore)) {
        // The server has what was put there as PUBREL.
        if (packet.cmd !== "publish") outgoingStore.del(packet, () => {});
        else if (!this.#waiting.has(packet.messageId as number)) this.#resume(packet);
      }
    }).catch((error) => surfacing(() => void this.#mqttClient.emit("error", error)));
  }

  /** When the store has done what it was asked for. */
  async storeIdle(): Promise<void> {
    await this.#stored;
  }

  #resume(packet: IPublishPacket): void {
    const abort = new AbortController();
    const messageId = packet.messageId as number;
    this.#numbers.register(messageId);
    this.#waiting.set(messageId, abort);
    this.#send(packet, abort, undefined);
  }

  #send(packet: IPublishPacket, abort: AbortController | undefined, callback: PacketCallback | undefined): void {
    const { topic, payload, qos, retain } = packet;
    const properties = toOurs(packet.properties);
    const fail = (cause: Error): void =>
      this.#finish(packet, callback, abort?.signal.aborted ? new Error("Message removed") : cause);
    this.#slot.ask((client) => {
      client
        .publish(topic, payload, { qos, retain, properties, signal: abort?.signal })
        .then(() => this.#finish(packet, callback, undefined), fail);
    }, fail);
  }

  #finish(packet: IPublishPacket, callback: PacketCallback | undefined, cause: Error | undefined): void {
    const { messageId } = packet;
    if (messageId !== undefined) {
      this.#waiting.delete(messageId);
      this.#numbers.deallocate(messageId);
      const isKept = cause instanceof ClientError && KEPT_AFTER.has(cause.code);
      if (!isKept) this.#mqttClient.options.outgoingStore?.del({ messageId }, () => {});
    }
    if (callback !== undefined) {
      if (cause !== undefined) surfacing(() => callback(shownError(cause)));
      else if (messageId === undefined) surfacing(() => callback());
      else surfacing(() => callback(null, packet));
    }
    if (messageId !== undefined && this.#waiting.size === 0) this.#onEmpty();
  }

  /** 0: all are taken. A provider of the program may answer with one that is still taken: it is asked again. */
  #allocate(abort: AbortController): number {
    for (let attempt = 0; attempt <= this.#waiting.size; attempt += 1) {
      const messageId = this.#numbers.allocate();
      if (messageId === null) return 0;
      if (this.#waiting.has(messageId)) continue;
      this.#waiting.set(messageId, abort);
      return messageId;
    }
    return 0;
  }

  /** One after the other, so that messages keep their order. */
  #inStore(task: () => Promise<void>): Promise<void> {
    const done = (this.#stored ?? Promise.resolve()).then(task);
    this.#stored = done.catch(() => {});
    return done;
  }
}

function settled(task: (done: (error?: Error | null) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    task((error) => (error ? reject(error) : resolve()));
  });
}

function contentOf(store: IStore): Promise<StoredPacket[]> {
  return new Promise((resolve, reject) => {
    const packets: StoredPacket[] = [];
    const stream = store.createStream();
    stream.on("data", (packet) => void packets.push(packet));
    stream.on("end", () => resolve(packets));
    stream.on("error", reject);
  });
}
