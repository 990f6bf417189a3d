/** The connection of the page: opens and closes the client, keeps its Subscriptions, feeds the observatory. */
import type { ClientPort, ReceivedMessage, SubscriptionPort } from "./client-port.js";
import type { ConnectionProfile } from "./connection-profile.js";
import { describeError } from "./describe-error.js";
import type { Observatory } from "./observatory.js";
import type { PublishRequest } from "./publish-fields.js";
import { SubscribedFilter } from "./subscribed-filter.js";
import { checkSubscription, type SubscriptionProfile } from "./subscription-profile.js";

export type ConnectionStatus =
  | { readonly kind: "closed"; readonly reason?: string }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "waiting"; readonly reason: string; readonly retryInMs: number };

/** What the client tells on its own. */
export interface ClientEvents {
  onConnect(): void;
  /** `retryInMs` is undefined when it has given up. */
  onDisconnect(error: unknown, retryInMs: number | undefined): void;
  /** Messages that belong to no Subscription of this page, as a resumed session brings them. */
  onMessage(message: ReceivedMessage): void;
}

export type OpenClient = (profile: ConnectionProfile, events: ClientEvents) => ClientPort;

export interface ConnectionHost {
  readonly openClient: OpenClient;
  now(): number;
  /** Something has changed; called very often. */
  onChange(): void;
  /** Worth telling the user once. */
  onNotice(kind: "good" | "bad", text: string): void;
}

export class Connection {
  status: ConnectionStatus = { kind: "closed" };
  client: ClientPort | undefined;
  subscriptions: readonly SubscribedFilter[] = [];
  readonly #handles = new Map<SubscribedFilter, SubscriptionPort>();
  /** A message that matches several Subscriptions goes to the handler of each; it is one message. */
  #newest: ReceivedMessage | undefined;

  constructor(
    readonly profile: ConnectionProfile,
    readonly observatory: Observatory,
    private readonly host: ConnectionHost,
  ) {}

  open(): void {
    this.#setStatus({ kind: "connecting" });
    try {
      const client = this.host.openClient(this.profile, {
        onConnect: () => this.#setStatus({ kind: "connected" }),
        onDisconnect: (error, retryInMs) => this.#handleDisconnect(error, retryInMs),
        onMessage: (message) => this.#handleMessage(message, undefined),
      });
      this.client = client;
      for (const subscription of this.profile.subscriptions) void this.subscribe(subscription);
    } catch (error) {
      this.#setStatus({ kind: "closed", reason: describeError(error) });
    }
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.#setStatus({ kind: "closed" });
    await client?.close();
  }

  /** One with the same filter is replaced, as the server does it. Throws a `FormError`. */
  async subscribe(profile: SubscriptionProfile): Promise<void> {
    checkSubscription(profile);
    const entry = new SubscribedFilter(profile);
    const known = this.subscriptions.findIndex((other) => other.profile.filter === profile.filter);
    this.subscriptions =
      known === -1
        ? [...this.subscriptions, entry]
        : this.subscriptions.map((other, at) => (at === known ? entry : other));
    this.host.onChange();
    try {
      const { filter, colour: _, subscriptionIdentifier, ...options } = profile;
      const handle = await this.#connected().subscribe(filter, {
        ...options,
        ...(subscriptionIdentifier !== undefined && { properties: { subscriptionIdentifier } }),
        handler: (message) => this.#handleMessage(message, entry),
      });
      this.#handles.set(entry, handle);
      entry.state = { kind: "granted", qos: handle.granted[0] };
    } catch (error) {
      entry.state = { kind: "refused", reason: describeError(error) };
      if (this.client) this.host.onNotice("bad", `${profile.filter}: ${describeError(error)}`);
    }
    this.host.onChange();
  }

  async unsubscribe(entry: SubscribedFilter): Promise<void> {
    this.subscriptions = this.subscriptions.filter((other) => other !== entry);
    this.host.onChange();
    const handle = this.#handles.get(entry);
    this.#handles.delete(entry);
    await handle?.unsubscribe();
  }

  async publish(request: PublishRequest): Promise<{ readonly reasonCode: number }> {
    const { topic, payload, qos, retain, properties } = request;
    const client = this.#connected();
    this.observatory.send(request, this.host.now());
    this.host.onChange();
    return client.publish(topic, payload, { qos, retain, properties });
  }

  #connected(): ClientPort {
    if (this.client === undefined) throw new Error("There is no connection. Connect first.");
    return this.client;
  }

  #handleMessage(message: ReceivedMessage, entry: SubscribedFilter | undefined): void {
    const now = this.host.now();
    entry?.count(now);
    if (message !== this.#newest) this.observatory.receive(message, now, entry?.profile.colour ?? -1);
    this.#newest = message;
    this.host.onChange();
  }

  #handleDisconnect(error: unknown, retryInMs: number | undefined): void {
    if (this.status.kind === "closed") return;
    const reason = describeError(error);
    if (retryInMs !== undefined) this.#setStatus({ kind: "waiting", reason, retryInMs });
    else {
      const { client } = this;
      this.client = undefined;
      this.#setStatus({ kind: "closed", reason });
      void client?.close();
    }
  }

  #setStatus(status: ConnectionStatus): void {
    this.status = status;
    this.host.onChange();
  }
}
