/** The client that applications use: publishing, subscribing, requests, and its end. */
import type { CloseOptions, PublishOptions, SubscribeOptions, UnsubscribeOptions } from "./call-options.js";
import type { ClientEnvironment } from "./client-environment.js";
import { ClientHub } from "./client-hub.js";
import { closeClient } from "./close-client.js";
import type { ConnectOptions } from "./connect-options.js";
import type { ClientStatus } from "./connector.js";
import { checkPublish, invalid } from "./core/check-publish.js";
import { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import { OutgoingMessage, type PublishProperties, type PublishResult } from "./core/outgoing-message.js";
import type { ServerInfo } from "./core/server-info.js";
import { Deferred, harmless, rejected } from "./deferred.js";
import { encodeText } from "./encode-text.js";
import { Requester, type RequestOptions } from "./requester.js";
import { type Responder, type RespondOptions, respondTo } from "./respond-to.js";
import { subscribeTo, unsubscribeFilters } from "./subscribe-to.js";
import type { Subscription } from "./subscription.js";
import { withSignal } from "./with-signal.js";

const SENT: Promise<PublishResult> = Promise.resolve(Object.freeze({ reasonCode: 0 }));

/** An MQTT client. Made by `connect` and `createClient`. */
export class Client implements AsyncDisposable {
  readonly #hub: ClientHub;
  #requester: Requester | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(
    environment: ClientEnvironment,
    urls: string | readonly string[],
    options: ConnectOptions,
    retriesFirst: boolean,
  ) {
    this.#hub = new ClientHub(environment, urls, options, retriesFirst);
  }

  /** Where the client stands. */
  get status(): ClientStatus {
    return this.#hub.connector.status;
  }

  /** What the server said in its last CONNACK. */
  get server(): ServerInfo | undefined {
    return this.#hub.lastServer;
  }

  /** The one in use; empty until the server has chosen it, when asked to. */
  get clientIdentifier(): string {
    return this.#hub.session.clientIdentifier;
  }

  /** Resolves with the first CONNACK; rejects when there will be none. */
  get connected(): Promise<ServerInfo> {
    return harmless(this.#hub.firstConnect);
  }

  /**
   * Resolves when the client has ended and will not connect again: with undefined when `close` was called, else with the
   * reason. Never rejects.
   */
  get closed(): Promise<ClientError | undefined> {
    return this.#hub.closed;
  }

  /** QoS 1 and 2 messages that are queued or not yet acknowledged, and queued QoS 0 messages. */
  get pendingMessages(): number {
    const { outbound } = this.#hub.session;
    return outbound.queue.size + outbound.inFlight.size;
  }

  /** Messages for which there is no subscription here: of a session of before, most of all. To be iterated once. */
  get messages(): AsyncIterable<Message> {
    return this.#hub.unclaimed.claim();
  }

  /**
   * Publishes a message. Resolves when the handshake of its QoS is complete; with QoS 0 when it was written, which waits
   * while there is more to write than the connection takes. Rejects with a `ClientError`. Without a connection the message
   * is queued. Do not change the payload until then.
   */
  publish(topic: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishResult> {
    const bytes = typeof payload === "string" ? encodeText(payload) : payload;
    const { session } = this.#hub;
    if (options === undefined && session.isFlowing && this.#closing === undefined && bytes instanceof Uint8Array) {
      return this.#publishQos0(topic, bytes, false, undefined);
    }
    const { qos = 0, retain = false, properties, signal } = options ?? {};
    const error =
      checkPublish({ topicName: topic, payload: bytes, qos, retain, properties }) ??
      this.#hub.refusal(signal) ??
      (this.#hub.options.queue === false && session.connection === undefined ? notConnected() : undefined);
    if (error !== undefined) return rejected(error);
    if (qos === 0 && session.isFlowing && properties?.messageExpiryInterval === undefined) {
      return this.#publishQos0(topic, bytes, retain, properties);
    }
    const nowMs = this.#hub.environment.now();
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
      error = this.#hub.session.sendQos0(topic, payload, retain, properties);
    } catch (cause) {
      const { message } = cause as Error;
      error = checkPublish({ topicName: topic, payload, qos: 0, retain, properties }) ?? invalid(message, cause);
    }
    if (error !== undefined) return rejected(error);
    const { link } = this.#hub.connector;
    if (link === undefined || link.connection.outbound.fullBlocks === 0) return SENT;
    return link.breathe().then(() => SENT);
  }

  /**
   * Subscribes to one filter or several. Resolves when the server has granted them all; rejects when it refuses one, and
   * then none is kept. Without a connection it waits for one. The subscription is made again whenever the server has lost
   * it.
   */
  subscribe(filters: string | readonly string[], options: SubscribeOptions = {}): Promise<Subscription> {
    return harmless(subscribeTo(this.#hub, listOf(filters), options));
  }

  /** Ends subscriptions by their filters, whoever made them. Rejects with the server's reason when it refuses. */
  unsubscribe(filters: string | readonly string[], options?: UnsubscribeOptions): Promise<void> {
    return harmless(unsubscribeFilters(this.#hub, listOf(filters), options));
  }

  /**
   * Publishes a request and resolves with the response to it: request and response of 5.0 (section 4.10), with Response
   * Topic and Correlation Data.
   */
  request(topic: string, payload: Uint8Array | string, options: RequestOptions = {}): Promise<Message> {
    return harmless(this.#requesterNow().request(topic, payload, options));
  }

  /** Answers requests to a filter: what `responder` answers with is published to the Response Topic. */
  respond(
    filter: string | readonly string[],
    responder: Responder,
    options: RespondOptions = {},
  ): Promise<Subscription> {
    return respondTo(this, filter, responder, options, (error) => this.#hub.report(error));
  }

  /** Authenticates again over the open connection (section 4.12.1), with the option `authentication`. */
  reauthenticate(): Promise<void> {
    const { link } = this.#hub.connector;
    if (link === undefined) return rejected(notConnected());
    return harmless(new Promise((resolve) => resolve(link.reauthenticate())));
  }

  /** Tries to connect at once when the client waits for its next attempt: the network is back, say. Else does nothing. */
  retryNow(): void {
    this.#hub.connector.retryNow();
  }

  /** Asks the server for a sign of life now, whatever Keep Alive says. Without a connection it does nothing. */
  ping(): void {
    const { link, status } = this.#hub.connector;
    if (link === undefined || status !== "connected") return;
    link.connection.nowMs = this.#hub.environment.now();
    link.connection.ping();
  }

  /**
   * Waits for the acknowledgements of what is under way, says goodbye, and closes the connection. Always resolves, after
   * `timeoutMs` at the latest. What is still queued rejects with `TIDINGS_CLIENT_CLOSED`; a session store keeps it.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= closeClient(this.#hub, options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #requesterNow(): Requester {
    if (this.#requester === undefined) {
      const requester = new Requester(this, this.#hub.environment);
      this.#hub.onEnd = (error) => requester.end(error);
      this.#requester = requester;
    }
    return this.#requester;
  }
}

function listOf(filters: string | readonly string[]): readonly string[] {
  return typeof filters === "string" ? [filters] : [...filters];
}

function notConnected(): ClientError {
  return new ClientError("TIDINGS_CLIENT_NOT_CONNECTED", "There is no connection.");
}
