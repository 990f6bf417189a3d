/**
 * Several connections that look like one: for more than one connection's worth of messages. Publishes go by topic, so that the
 * order of each topic is kept; a subscription that is shared is made on every connection, another one on one.
 */

import type { CloseOptions, PublishOptions, SubscribeOptions } from "./call-options.js";
import type { Client } from "./client.js";
import type { ConnectOptions } from "./connect-options.js";
import { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import type { PublishResult } from "./core/outgoing-message.js";
import type { MessageHandler, Subscription } from "./subscription.js";

export interface PoolOptions extends ConnectOptions {
  /** Connections, 1 or more. */
  readonly size: number;
}

/** Subscribing on a pool needs a handler: there may be several subscriptions behind one. */
export interface PoolSubscribeOptions extends SubscribeOptions {
  readonly handler: MessageHandler;
}

/** What `subscribe` of a pool answers with. */
export interface PoolSubscription extends AsyncDisposable {
  readonly filters: readonly string[];
  /** One for each connection that takes part. */
  readonly subscriptions: readonly Subscription[];
  /** QoS 0 messages that found no room. */
  readonly dropped: number;
  unsubscribe(): Promise<void>;
}

/** Made by `connectPool`. */
export class ClientPool implements AsyncDisposable {
  /** @internal */
  constructor(readonly clients: readonly Client[]) {}

  /** As `Client.publish`. Messages to one topic go over one connection, in order. */
  publish(topic: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishResult> {
    return this.#clientFor(topic).publish(topic, payload, options);
  }

  /**
   * As `Client.subscribe`. Filters that begin with `$share/` are subscribed to on all connections, so that the server spreads
   * the messages over them; others on one, chosen by the filter.
   */
  async subscribe(filters: string | readonly string[], options: PoolSubscribeOptions): Promise<PoolSubscription> {
    const list = typeof filters === "string" ? [filters] : [...filters];
    const byClient = new Map<Client, string[]>();
    for (const filter of list) {
      const clients = filter.startsWith("$share/") ? this.clients : [this.#clientFor(filter)];
      for (const client of clients) byClient.set(client, [...(byClient.get(client) ?? []), filter]);
    }
    const attempts = await Promise.allSettled([...byClient].map(([client, some]) => client.subscribe(some, options)));
    const subscriptions = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
    const failure = attempts.find((attempt) => attempt.status === "rejected");
    if (failure !== undefined) {
      await Promise.allSettled(subscriptions.map((subscription) => subscription.unsubscribe()));
      throw failure.reason;
    }
    return new SubscriptionGroup(list, subscriptions);
  }

  /** As `Client.unsubscribe`, on all connections that have subscribed. */
  async unsubscribe(filters: string | readonly string[]): Promise<void> {
    const list = typeof filters === "string" ? [filters] : [...filters];
    for (const filter of list) {
      const clients = filter.startsWith("$share/") ? this.clients : [this.#clientFor(filter)];
      await Promise.all(clients.map((client) => client.unsubscribe(filter)));
    }
  }

  /** As `Client.request`. */
  request(...[topic, payload, options]: Parameters<Client["request"]>): Promise<Message> {
    return this.#clientFor(topic).request(topic, payload, options);
  }

  /** Closes all connections; always resolves. */
  async close(options?: CloseOptions): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close(options)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #clientFor(topic: string): Client {
    return this.clients[hashOf(topic) % this.clients.length];
  }
}

class SubscriptionGroup implements PoolSubscription {
  constructor(
    readonly filters: readonly string[],
    readonly subscriptions: readonly Subscription[],
  ) {}

  get dropped(): number {
    return this.subscriptions.reduce((sum, { dropped }) => sum + dropped, 0);
  }

  async unsubscribe(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.unsubscribe()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unsubscribe().catch(() => {});
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash >>> 0;
}

/** Connects all, or none: where one fails, the others are closed and its error is thrown. */
export async function connectAll(
  connect: (url: string | readonly string[], options: ConnectOptions) => Promise<Client>,
  url: string | readonly string[],
  { size, ...options }: PoolOptions,
): Promise<ClientPool> {
  if (!Number.isInteger(size) || size < 1) {
    throw new ClientError(
      "TIDINGS_CLIENT_INVALID_ARGUMENT",
      `A pool of ${size} connections is none: size is 1 or more.`,
    );
  }
  if (options.sessionStore !== undefined) {
    const message = "A pool cannot share a session store: give one to each of several clients instead.";
    throw new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", message);
  }
  const { clientIdentifier } = options;
  const attempts = await Promise.allSettled(
    Array.from({ length: size }, (_, index) => {
      const own = clientIdentifier ? { ...options, clientIdentifier: `${clientIdentifier}-${index + 1}` } : options;
      return connect(url, own);
    }),
  );
  const clients = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  const failure = attempts.find((attempt) => attempt.status === "rejected");
  if (failure === undefined) return new ClientPool(clients);
  await Promise.all(clients.map((client) => client.close({ force: true })));
  throw failure.reason;
}
