/** The client that applications use: publishing, subscribing, requests, and its end. */
import type { QoS, SubscriptionRequest, UserProperty } from "@tidings/packet";
import type { QueueLimits } from "@tidings/session";
import { abortError } from "./abort-error.js";
import type { ClientEnvironment } from "./client-environment.js";
import type { ConnectOptions, QueueOptions } from "./connect-options.js";
import { RECEIVE_MAXIMUM_DEFAULT } from "./connect-packet.js";
import { type ClientStatus, Connector, type ConnectorOwner } from "./connector.js";
import { checkPublish, invalid } from "./core/check-publish.js";
import { checkFilters } from "./core/check-subscribe.js";
import { ClientError } from "./core/client-error.js";
import { ClientSession, type ClientSessionHost } from "./core/client-session.js";
import { SubscribeRequest, UnsubscribeRequest } from "./core/control-request.js";
import type { Message } from "./core/message.js";
import { OutgoingMessage, type PublishProperties, type PublishResult } from "./core/outgoing-message.js";
import { reasonText } from "./core/reason-text.js";
import type { ServerInfo } from "./core/server-info.js";
import { Deferred, harmless, rejected } from "./deferred.js";
import { encodeText } from "./encode-text.js";
import type { Link } from "./link.js";
import { reasonOf } from "./reason-of.js";
import { Requester, type RequestOptions } from "./requester.js";
import { type Responder, type RespondOptions, respondTo } from "./respond-to.js";
import {
  type MessageHandler,
  SUBSCRIPTION_DEFAULTS,
  Subscription,
  type SubscriptionLimits,
  type SubscriptionOwner,
} from "./subscription.js";
import { SubscriptionTable } from "./subscription-table.js";
import { UnclaimedMessages } from "./unclaimed-messages.js";

export interface PublishOptions {
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** 5.0 only; left out on other connections. */
  readonly properties?: PublishProperties;
  /** Stops waiting. A message that is queued or under way is not called back. */
  readonly signal?: AbortSignal;
}

export interface SubscribeOptions {
  /** The highest QoS wanted. Default 0. */
  readonly qos?: QoS;
  /** 5.0: not the messages that this client publishes. Default false. */
  readonly noLocal?: boolean;
  /** 5.0: keep the RETAIN flag as the publisher set it. Default false. */
  readonly retainAsPublished?: boolean;
  /** 5.0: 0 send retained messages, 1 only for a new subscription, 2 never. Default 0. */
  readonly retainHandling?: 0 | 1 | 2;
  /** 5.0 only; left out on other connections. */
  readonly properties?: {
    readonly subscriptionIdentifier?: number;
    readonly userProperties?: readonly UserProperty[];
  };
  /** Gets the messages, one by one; without it the subscription is iterated. */
  readonly handler?: MessageHandler;
  /** Messages that may wait to be taken, for QoS 0; Receive Maximum bounds the others. Default 10,000. */
  readonly bufferedMessagesMax?: number;
  /** Bytes of their payloads. Default 16 MiB. */
  readonly bufferedBytesMax?: number;
  /** At these limits: `drop` QoS 0 messages and count them, or `pause` reading from the server. Default `drop`. */
  readonly whenFull?: "drop" | "pause";
  /** Leave its messages to `onMessage` and `messages`: the subscription is only made and kept. Default false. */
  readonly detached?: boolean;
  /** Stops waiting for the answer, and subscribing if it was not sent. */
  readonly signal?: AbortSignal;
}

export interface CloseOptions {
  /** Of DISCONNECT. Default 0; 0x04 makes the server publish the Will Message. */
  readonly reasonCode?: number;
  readonly properties?: { readonly sessionExpiryInterval?: number; readonly userProperties?: readonly UserProperty[] };
  /** Do not wait for acknowledgements. Default false. */
  readonly force?: boolean;
  /** How long everything may take. Milliseconds, default 5,000. */
  readonly timeoutMs?: number;
}

const SENT: Promise<PublishResult> = Promise.resolve(Object.freeze({ reasonCode: 0 }));
const CLOSE_TIMEOUT_MS_DEFAULT = 5_000;
const QUEUED_MESSAGES_MAX_DEFAULT = 100_000;
const QUEUED_BYTES_MAX_DEFAULT = 16 * 1024 * 1024;

/** An MQTT client. Made by `connect` and `createClient`. */
export class Client implements AsyncDisposable {
  readonly #session: ClientSession;
  readonly #connector: Connector;
  readonly #table = new SubscriptionTable();
  readonly #unclaimed: UnclaimedMessages;
  readonly #firstConnect = new Deferred<ServerInfo>();
  readonly #owner: SubscriptionOwner;
  readonly #openSubscriptions = new Set<Subscription>();
  #requester: Requester | undefined;
  #lastServer: ServerInfo | undefined;
  #closing: Promise<void> | undefined;
  /** Why there will be no connection any more. */
  #ending: ClientError | undefined;
  readonly #isManual: boolean;
  /** Subscriptions that cannot take any more. */
  #pauses = 0;

  readonly #environment: ClientEnvironment;
  readonly #options: ConnectOptions;

  /** @internal */
  constructor(
    environment: ClientEnvironment,
    urls: string | readonly string[],
    options: ConnectOptions,
    retriesFirst: boolean,
  ) {
    this.#environment = environment;
    this.#options = options;
    this.#isManual = options.acknowledge === "manual";
    this.#owner = {
      unsubscribeFrom: (subscription) => this.#unsubscribeFrom(subscription),
      handlerFailed: (error) => this.#report(error),
      pauseReading: () => this.#pause(),
      resumeReading: () => this.#resume(),
    };
    const host: ClientSessionHost = {
      deliver: (message) => this.#deliver(message),
      abandoned: (_message, error) => this.#report(error),
      subscriptionLost: (topicFilter, error) => this.#subscriptionLost(topicFilter, error),
    };
    this.#session = new ClientSession(host, {
      queue: queueLimits(options.queue),
      receiveMaximum: options.properties?.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT,
      store: options.sessionStore,
      resubscribe: options.resubscribe,
    });
    this.#unclaimed = new UnclaimedMessages(this.#session.receiveMaximum, options.onMessage, this.#owner);
    const connectorOwner: ConnectorOwner = {
      connected: (server) => this.#handleConnected(server),
      disconnected: (error, retryInMs, wasConnected) => this.#disconnected(error, retryInMs, wasConnected),
      ended: (error) => this.#end(error),
    };
    const { clientIdentifier = randomIdentifier(environment), sessionStore } = options;
    if (sessionStore !== undefined && !options.clientIdentifier) {
      const message = "A session store needs a `clientIdentifier`.";
      throw new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", message);
    }
    const list = typeof urls === "string" ? [urls] : urls;
    const session = this.#session;
    this.#connector = new Connector(
      environment,
      session,
      options,
      list,
      clientIdentifier,
      retriesFirst,
      connectorOwner,
    );
    this.#start(clientIdentifier);
  }

  /** Where the client stands. */
  get status(): ClientStatus {
    return this.#connector.status;
  }

  /** What the server said in its last CONNACK. */
  get server(): ServerInfo | undefined {
    return this.#lastServer;
  }

  /** The one in use; empty until the server has chosen it, when asked to. */
  get clientIdentifier(): string {
    return this.#session.clientIdentifier;
  }

  /** Resolves with the first CONNACK; rejects when there will be none. */
  get connected(): Promise<ServerInfo> {
    return harmless(this.#firstConnect.promise);
  }

  /** QoS 1 and 2 messages that are queued or not yet acknowledged, and queued QoS 0 messages. */
  get pendingMessages(): number {
    const { outbound } = this.#session;
    return outbound.queue.size + outbound.inFlight.size;
  }

  /** Messages for which there is no subscription here: of a session of before, most of all. To be iterated once. */
  get messages(): AsyncIterable<Message> {
    return this.#unclaimed.claim();
  }

  /**
   * Publishes a message. Resolves when the handshake of its QoS is complete; with QoS 0 when it was written, which waits
   * while there is more to write than the connection takes. Rejects with a `ClientError`. Without a connection the message
   * is queued. Do not change the payload until then.
   */
  publish(topic: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishResult> {
    const bytes = typeof payload === "string" ? encodeText(payload) : payload;
    const session = this.#session;
    if (options === undefined && session.isFlowing && this.#closing === undefined && bytes instanceof Uint8Array) {
      return this.#publishQos0(topic, bytes, false, undefined);
    }
    const { qos = 0, retain = false, properties, signal } = options ?? {};
    const error =
      checkPublish({ topicName: topic, payload: bytes, qos, retain, properties }) ??
      this.#refusal(signal) ??
      (this.#options.queue === false && session.connection === undefined ? notConnected() : undefined);
    if (error !== undefined) return rejected(error);
    if (qos === 0 && session.isFlowing && properties?.messageExpiryInterval === undefined) {
      return this.#publishQos0(topic, bytes, retain, properties);
    }
    const nowMs = this.#environment.now();
    const expiryInterval = properties?.messageExpiryInterval;
    const expiresAtMs = expiryInterval === undefined ? Number.POSITIVE_INFINITY : nowMs + expiryInterval * 1000;
    const publishing = new Deferred<PublishResult>();
    session.publish(new OutgoingMessage(topic, bytes, qos, retain, properties, expiresAtMs, publishing), nowMs);
    return signal === undefined ? publishing.promise : withSignal(publishing, signal);
  }

  #publishQos0(
    topic: string,
    payload: Uint8Array,
    retain: boolean,
    properties: PublishProperties | undefined,
  ): Promise<PublishResult> {
    let error: ClientError | undefined;
    try {
      error = this.#session.sendQos0(topic, payload, retain, properties);
    } catch (cause) {
      const { message } = cause as Error;
      error = checkPublish({ topicName: topic, payload, qos: 0, retain, properties }) ?? invalid(message, cause);
    }
    if (error !== undefined) return rejected(error);
    const { link } = this.#connector;
    if (link === undefined || link.connection.outbound.fullBlocks === 0) return SENT;
    return link.breathe().then(() => SENT);
  }

  /**
   * Subscribes to one filter or several. Resolves when the server has granted them all; rejects when it refuses one, and
   * then none is kept. Without a connection it waits for one. The subscription is made again whenever the server has lost
   * it.
   */
  subscribe(filters: string | readonly string[], options: SubscribeOptions = {}): Promise<Subscription> {
    return harmless(this.#subscribeNow(typeof filters === "string" ? [filters] : [...filters], options));
  }

  async #subscribeNow(filters: readonly string[], options: SubscribeOptions): Promise<Subscription> {
    const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0, properties, signal } = options;
    const requests: SubscriptionRequest[] = filters.map((topicFilter) => ({
      topicFilter,
      qos,
      noLocal,
      retainAsPublished,
      retainHandling,
    }));
    const error = checkFilters(filters) ?? this.#refusal(signal);
    if (error !== undefined) throw error;
    const { subscriptionIdentifier, userProperties } = properties ?? {};
    const limits: SubscriptionLimits = {
      bufferedMessagesMax: options.bufferedMessagesMax ?? SUBSCRIPTION_DEFAULTS.bufferedMessagesMax,
      bufferedBytesMax: options.bufferedBytesMax ?? SUBSCRIPTION_DEFAULTS.bufferedBytesMax,
      whenFull: options.whenFull ?? SUBSCRIPTION_DEFAULTS.whenFull,
    };
    const subscription = new Subscription(filters, subscriptionIdentifier, options.handler, limits, this.#owner);
    const answer = new Deferred<{ reasonCodes: readonly number[]; properties?: { reasonString?: string } }>();
    const request = new SubscribeRequest({ subscriptions: requests, subscriptionIdentifier, userProperties }, answer);
    // Messages may come before SUBACK (section 3.8.4).
    this.#openSubscriptions.add(subscription);
    if (options.detached !== true) this.#table.add(subscription);
    const withdraw = (): void => this.#session.withdraw(request);
    try {
      this.#session.request(request);
      const { reasonCodes, properties } = await withSignal(answer, signal, withdraw);
      const refused = reasonCodes.findIndex((reasonCode) => reasonCode >= 0x80);
      if (refused >= 0) {
        void this.#sendUnsubscribe(filters.filter((_, index) => reasonCodes[index] < 0x80)).catch(() => {});
        throw subscribeRefusal(filters[refused], reasonCodes[refused], properties?.reasonString);
      }
      filters.forEach((filter, index) => void subscription.granted.set(filter, reasonCodes[index] as QoS));
    } catch (cause) {
      this.#forget(subscription, cause as ClientError);
      throw cause;
    }
    if (options.detached !== true) this.#unclaimed.handOver(subscription, this.#table);
    return subscription;
  }

  /** Ends subscriptions by their filters, whoever made them. Rejects with the server's reason when it refuses. */
  unsubscribe(filters: string | readonly string[]): Promise<void> {
    return harmless(this.#unsubscribeNow(typeof filters === "string" ? [filters] : [...filters]));
  }

  async #unsubscribeNow(filters: readonly string[]): Promise<void> {
    const error = checkFilters(filters) ?? this.#refusal(undefined);
    if (error !== undefined) throw error;
    await this.#sendUnsubscribe(filters);
    for (const subscription of [...this.#openSubscriptions]) {
      for (const filter of filters) {
        if (!subscription.filters.includes(filter)) continue;
        this.#table.removeFilter(filter, subscription);
        subscription.granted.delete(filter);
      }
      if (subscription.granted.size === 0) this.#forget(subscription);
    }
  }

  /**
   * Publishes a request and resolves with the response to it: request and response of 5.0 (section 4.10), with Response
   * Topic and Correlation Data.
   */
  request(topic: string, payload: Uint8Array | string, options: RequestOptions = {}): Promise<Message> {
    this.#requester ??= new Requester(this, this.#environment);
    return harmless(this.#requester.request(topic, payload, options));
  }

  /** Answers requests to a filter: what `responder` answers with is published to the Response Topic. */
  respond(
    filter: string | readonly string[],
    responder: Responder,
    options: RespondOptions = {},
  ): Promise<Subscription> {
    return respondTo(this, filter, responder, options, (error) => this.#report(error));
  }

  /** Authenticates again over the open connection (section 4.12.1), with the option `authentication`. */
  reauthenticate(): Promise<void> {
    const { link } = this.#connector;
    if (link === undefined) return rejected(notConnected());
    return harmless(new Promise((resolve) => resolve(link.reauthenticate())));
  }

  /** Tries to connect at once when the client waits for its next attempt: the network is back, say. Else does nothing. */
  retryNow(): void {
    this.#connector.retryNow();
  }

  /** Asks the server for a sign of life now, whatever Keep Alive says. Without a connection it does nothing. */
  ping(): void {
    const { link, status } = this.#connector;
    if (link === undefined || status !== "connected") return;
    link.connection.nowMs = this.#environment.now();
    link.connection.ping();
  }

  /**
   * Waits for the acknowledgements of what is under way, says goodbye, and closes the connection. Always resolves, after
   * `timeoutMs` at the latest. What is still queued rejects with `TIDINGS_CLIENT_CLOSED`; a session store keeps it.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#closeNow(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // How it goes.

  #start(clientIdentifier: string): void {
    const options = this.#options;
    const session = this.#session;
    const connector = this.#connector;
    const { sessionStore } = options;
    if (sessionStore === undefined) {
      session.clientIdentifier = clientIdentifier;
      connector.start(false);
      return;
    }
    sessionStore.store.onDurable = () => this.#connector.link?.storeDurable();
    sessionStore.store.onFailure = (cause) => this.#storeFailed(cause);
    session.recover(clientIdentifier).then(
      (hasSession) => {
        if (this.#closing === undefined) connector.start(hasSession);
      },
      (cause) => this.#storeFailed(cause),
    );
  }

  #handleConnected(server: ServerInfo): void {
    const isFirst = this.#lastServer === undefined;
    this.#lastServer = server;
    if (isFirst) this.#unclaimed.isHolding = server.sessionPresent;
    if (this.#pauses > 0) this.#connector.link?.connection.pause();
    this.#firstConnect.resolve(server);
    this.#tell(() => this.#options.onConnect?.(server));
  }

  #disconnected(error: ClientError, retryInMs: number | undefined, wasConnected: boolean): void {
    if (wasConnected) this.#tell(() => this.#options.onDisconnect?.(error, retryInMs));
    else this.#report(error);
  }

  #storeFailed(cause: unknown): void {
    const reason = reasonOf(cause);
    const error = new ClientError("TIDINGS_CLIENT_STORE_FAILED", `The session store failed: ${reason}`, { cause });
    const { link } = this.#connector;
    this.#connector.stop();
    link?.connection.disconnect({ reasonCode: 0x83 }, error, this.#environment.now());
    this.#report(error);
    this.#end(error);
  }

  /** There will be no connection any more. */
  #end(error: ClientError): void {
    if (this.#ending !== undefined) return;
    this.#ending = error;
    const reason = error.code === "TIDINGS_CLIENT_CLOSED" ? undefined : error;
    this.#session.close(error);
    this.#requester?.end(error);
    for (const subscription of this.#openSubscriptions) subscription.end(reason);
    this.#openSubscriptions.clear();
    this.#unclaimed.end(reason);
    this.#firstConnect.reject(error);
  }

  async #closeNow({ reasonCode = 0, properties, force, timeoutMs }: CloseOptions): Promise<void> {
    const connector = this.#connector;
    const environment = this.#environment;
    const error = closedError();
    const timeOut = new Deferred<void>();
    const cancel = environment.after(timeoutMs ?? CLOSE_TIMEOUT_MS_DEFAULT, () => timeOut.resolve(), true);
    const { link } = connector;
    if (link !== undefined) {
      const gone = link.closed.promise;
      if (force !== true && connector.status === "connected") {
        await Promise.race([this.#settled(link), gone, timeOut.promise]);
      }
      connector.stop();
      const all = {
        sessionExpiryInterval: properties?.sessionExpiryInterval ?? (connector.endsSession ? 0 : undefined),
        userProperties: properties?.userProperties && [...properties.userProperties],
      };
      try {
        link.connection.disconnect({ reasonCode, properties: all }, error, environment.now());
      } catch {
        // Options that make no DISCONNECT do not keep the connection open.
        link.connection.disconnect({ reasonCode: 0 }, error, environment.now());
      }
      await Promise.race([gone, timeOut.promise]);
      link.stream.destroy();
    }
    connector.stop();
    this.#end(error);
    const { sessionStore } = this.#options;
    if (sessionStore !== undefined) await Promise.race([sessionStore.store.close().catch(() => {}), timeOut.promise]);
    cancel();
  }

  /** Everything that can be acknowledged has been. */
  async #settled(link: Link): Promise<void> {
    if (!this.#session.isSettled) {
      await new Promise<void>((resolve) => {
        this.#session.onSettled = resolve;
      });
    }
    await link.durable();
  }

  // Messages.

  #deliver(message: Message): void {
    message.isManual = this.#isManual;
    const found = this.#table.find(message);
    if (found.length === 0) {
      this.#unclaimed.deliver(message);
      return;
    }
    message.pending = found.length;
    for (let index = 0; index < found.length; index += 1) found[index].deliver(message);
  }

  // Subscriptions.

  #unsubscribeFrom(subscription: Subscription): Promise<void> {
    if (!this.#openSubscriptions.has(subscription)) return Promise.resolve();
    const filters = subscription.filters.filter((filter) => !this.#isSharedWithOthers(filter, subscription));
    const unsubscribed = filters.length === 0 ? Promise.resolve() : this.#sendUnsubscribe(filters);
    return harmless(
      unsubscribed.then(
        () => this.#forget(subscription),
        (error: ClientError) => {
          this.#forget(subscription);
          if (error !== this.#ending) throw error;
        },
      ),
    );
  }

  /** Another subscription of this client has the same filter: the server keeps one for both. */
  #isSharedWithOthers(filter: string, subscription: Subscription): boolean {
    for (const other of this.#openSubscriptions) {
      if (other !== subscription && other.filters.includes(filter)) return true;
    }
    return false;
  }

  async #sendUnsubscribe(filters: readonly string[]): Promise<void> {
    const answer = new Deferred<{ reasonCodes: readonly number[]; properties?: { reasonString?: string } }>();
    if (filters.length === 0) return;
    if (this.#ending !== undefined) throw this.#ending;
    this.#session.request(new UnsubscribeRequest(filters, undefined, answer));
    const { reasonCodes, properties } = await answer.promise;
    const refused = reasonCodes.findIndex((reasonCode) => reasonCode >= 0x80);
    if (refused < 0) return;
    const reasonCode = reasonCodes[refused];
    const reasonString = properties?.reasonString;
    const message = `The server kept the subscription to ${filters[refused]}: ${reasonText(reasonCode, reasonString)}.`;
    throw new ClientError("TIDINGS_CLIENT_UNSUBSCRIBE_REFUSED", message, { reasonCode, reasonString });
  }

  #forget(subscription: Subscription, error?: ClientError): void {
    if (!this.#openSubscriptions.delete(subscription)) return;
    this.#table.remove(subscription);
    subscription.end(error);
  }

  #subscriptionLost(topicFilter: string, error: ClientError): void {
    for (const subscription of [...this.#openSubscriptions]) {
      if (subscription.filters.includes(topicFilter)) this.#forget(subscription, error);
    }
    this.#report(error);
  }

  #pause(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#connector.link?.connection.pause();
  }

  #resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#connector.link?.connection.resume(this.#environment.now());
  }

  // Errors.

  /** Why nothing can be asked of the client now. */
  #refusal(signal: AbortSignal | undefined): ClientError | undefined {
    if (signal?.aborted === true) return abortError(signal);
    if (this.#ending !== undefined) return this.#ending;
    if (this.#closing !== undefined) return closedError();
    return undefined;
  }

  #report(error: ClientError): void {
    try {
      this.#options.onError?.(error);
    } catch {
      // There is nobody left to tell.
    }
  }

  #tell(hook: () => void): void {
    try {
      hook();
    } catch (cause) {
      this.#report(new ClientError("TIDINGS_CLIENT_HANDLER_FAILED", `A hook failed: ${reasonOf(cause)}`, { cause }));
    }
  }
}

function withSignal<T>(deferred: Deferred<T>, signal: AbortSignal | undefined, onAbort?: () => void): Promise<T> {
  if (signal === undefined) return deferred.promise;
  const abort = (): void => {
    onAbort?.();
    deferred.reject(abortError(signal));
  };
  signal.addEventListener("abort", abort, { once: true });
  const done = (): void => signal.removeEventListener("abort", abort);
  deferred.promise.then(done, done);
  return deferred.promise;
}

function closedError(): ClientError {
  return new ClientError("TIDINGS_CLIENT_CLOSED", "The client was closed.");
}

function notConnected(): ClientError {
  return new ClientError("TIDINGS_CLIENT_NOT_CONNECTED", "There is no connection.");
}

function subscribeRefusal(filter: string, reasonCode: number, reasonString: string | undefined): ClientError {
  const message = `The server refused the subscription to ${filter}: ${reasonText(reasonCode, reasonString)}.`;
  return new ClientError("TIDINGS_CLIENT_SUBSCRIBE_REFUSED", message, { reasonCode, reasonString });
}

function queueLimits(queue: ConnectOptions["queue"]): QueueLimits {
  const { messagesMax, bytesMax, policy }: QueueOptions = queue === false ? {} : (queue ?? {});
  return {
    queuedMessagesMax: messagesMax ?? QUEUED_MESSAGES_MAX_DEFAULT,
    queuedBytesMax: bytesMax ?? QUEUED_BYTES_MAX_DEFAULT,
    queueFullPolicy: policy === "drop-oldest" ? "drop-oldest" : "drop-new",
  };
}

/** At most the 23 characters that every server takes (section 3.1.3.1). */
function randomIdentifier(environment: ClientEnvironment): string {
  let text = "tidings-";
  while (text.length < 23) text += Math.floor(environment.random() * 36).toString(36);
  return text;
}
