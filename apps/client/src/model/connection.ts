/** The connection of the page: opens and closes the client, keeps its Subscriptions, feeds the observatory. */
import type { Client, Message, PublishResult, ServerInfo, Subscription } from "@tidings/client";
import type { ConnectionProfile } from "./connection-profile.js";
import { describeError } from "./describe-error.js";
import type { MessageRecord } from "./message-record.js";
import type { Observatory } from "./observatory.js";
import type { PublishRequest } from "./publish-fields.js";
import { SubscribedFilter } from "./subscribed-filter.js";
import { checkSubscription, type SubscriptionProfile } from "./subscription-profile.js";

export type ConnectionStatus =
  | { readonly kind: "closed"; readonly reason?: string }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected"; readonly server: ServerInfo }
  | { readonly kind: "waiting"; readonly reason: string };

/** What the client tells on its own. */
interface ClientEvents {
  onConnect(server: ServerInfo): void;
  /** An attempt failed or a connection ended; whether the client goes on trying. */
  onDisconnect(error: Error, isRetrying: boolean): void;
  /** Messages that belong to no Subscription of this page, as a resumed session brings them. */
  onMessage(message: Message): void;
}

export type OpenClient = (profile: ConnectionProfile, events: ClientEvents) => Client;

interface ConnectionHost {
  readonly openClient: OpenClient;
  now(): number;
  /** Something has changed; called very often. */
  onChange(): void;
  /** Worth telling the user once. */
  onNotice(kind: "good" | "bad", text: string): void;
}

export class Connection {
  status: ConnectionStatus = { kind: "closed" };
  client: Client | undefined;
  subscriptions: readonly SubscribedFilter[] = [];
  readonly #handles = new Map<SubscribedFilter, Subscription>();
  /** A message that matches several Subscriptions goes to the handler of each; it is one message. */
  #newest: { readonly message: Message; readonly record: MessageRecord; specificity: number } | undefined;

  constructor(
    readonly profile: ConnectionProfile,
    readonly observatory: Observatory,
    private readonly host: ConnectionHost,
  ) {}

  open(): void {
    this.#setStatus({ kind: "connecting" });
    try {
      const client = this.host.openClient(this.profile, {
        onConnect: (server) => this.#setStatus({ kind: "connected", server }),
        onDisconnect: (error, isRetrying) => this.#handleDisconnect(error, isRetrying),
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
    const replaced = this.subscriptions.find((other) => other.profile.filter === profile.filter);
    this.subscriptions =
      replaced === undefined
        ? [...this.subscriptions, entry]
        : this.subscriptions.map((other) => (other === replaced ? entry : other));
    this.host.onChange();
    try {
      const { filter, colour: _, subscriptionIdentifier, ...options } = profile;
      const handle = await this.#connected().subscribe(filter, {
        ...options,
        ...(subscriptionIdentifier !== undefined && { properties: { subscriptionIdentifier } }),
        handler: (message) => this.#handleMessage(message, entry),
      });
      this.#handles.set(entry, handle);
      entry.state = { kind: "granted", qos: handle.granted.get(filter) ?? 0 };
      // The one that this has replaced lets go of its handler; the server keeps one subscription for both.
      if (replaced) await this.#release(replaced);
    } catch (error) {
      entry.state = { kind: "refused", reason: describeError(error) };
      if (this.client) this.host.onNotice("bad", `${profile.filter}: ${describeError(error)}`);
    }
    this.host.onChange();
  }

  async unsubscribe(entry: SubscribedFilter): Promise<void> {
    this.subscriptions = this.subscriptions.filter((other) => other !== entry);
    this.host.onChange();
    await this.#release(entry);
  }

  async publish(request: PublishRequest): Promise<PublishResult> {
    const { topic, payload, qos, retain, properties } = request;
    const client = this.#connected();
    this.observatory.send(request, this.host.now());
    this.host.onChange();
    return client.publish(topic, payload, { qos, retain, properties });
  }

  async #release(entry: SubscribedFilter): Promise<void> {
    const handle = this.#handles.get(entry);
    this.#handles.delete(entry);
    await handle?.unsubscribe();
  }

  #connected(): Client {
    if (this.client === undefined) throw new Error("There is no connection. Connect first.");
    return this.client;
  }

  #handleMessage(message: Message, entry: SubscribedFilter | undefined): void {
    const now = this.host.now();
    const colour = entry?.profile.colour ?? -1;
    const specificity = entry?.specificity ?? -1;
    entry?.count(now);
    if (message !== this.#newest?.message) {
      this.#newest = { message, record: this.observatory.receive(message, now, colour), specificity };
    } else if (specificity > this.#newest.specificity) {
      this.#newest.record.colour = colour;
      this.#newest.specificity = specificity;
    }
    this.host.onChange();
  }

  #handleDisconnect(error: Error, isRetrying: boolean): void {
    if (this.status.kind === "closed") return;
    const reason = describeError(error);
    if (isRetrying) this.#setStatus({ kind: "waiting", reason });
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
