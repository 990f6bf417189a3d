/**
 * Where the parts of one client meet: its session, its connections, its subscriptions, and the application's hooks. One object
 * is the owner of them all, so that a client that has nothing to do is small.
 */
import type { QueueLimits } from "@tidings/session";
import { abortError } from "./abort-error.js";
import type { UnsubscribeOptions } from "./call-options.js";
import type { ClientEnvironment } from "./client-environment.js";
import { closedError } from "./closed-error.js";
import type { ConnectOptions } from "./connect-options.js";
import { RECEIVE_MAXIMUM_DEFAULT } from "./connect-packet.js";
import { Connector, type ConnectorOwner } from "./connector.js";
import { ClientError } from "./core/client-error.js";
import { ClientSession, type ClientSessionHost } from "./core/client-session.js";
import type { Message } from "./core/message.js";
import type { OutgoingMessage } from "./core/outgoing-message.js";
import type { ServerInfo } from "./core/server-info.js";
import { Deferred, rejected } from "./deferred.js";
import { unsubscribeFrom } from "./subscribe-to.js";
import type { Subscription, SubscriptionOwner } from "./subscription.js";
import { SubscriptionTable } from "./subscription-table.js";
import { thrownError } from "./thrown-error.js";
import { UnclaimedMessages } from "./unclaimed-messages.js";

const QUEUED_MESSAGES_MAX_DEFAULT = 100_000;
const QUEUED_BYTES_MAX_DEFAULT = 16 * 1024 * 1024;
const QUEUE_DEFAULT: QueueLimits = {
  queuedMessagesMax: QUEUED_MESSAGES_MAX_DEFAULT,
  queuedBytesMax: QUEUED_BYTES_MAX_DEFAULT,
  queueFullPolicy: "drop-new",
};

export class ClientHub implements ClientSessionHost, ConnectorOwner, SubscriptionOwner {
  readonly session: ClientSession;
  readonly connector: Connector;
  readonly table = new SubscriptionTable();
  openSubscriptions: Subscription[] = [];
  /** What the server said in its last CONNACK. */
  lastServer: ServerInfo | undefined;
  /** `close` was called. */
  isClosing = false;
  /** Why there will be no connection any more. */
  ending: ClientError | undefined;
  /** Called with `ending`, once. */
  onEnd: ((error: ClientError) => void) | undefined;
  #unclaimed: UnclaimedMessages | undefined;
  #firstConnect: Deferred<ServerInfo> | undefined;
  #closed: Deferred<ClientError | undefined> | undefined;
  /** Subscriptions that cannot take any more. */
  #pauses = 0;

  constructor(
    readonly environment: ClientEnvironment,
    urls: string | readonly string[],
    readonly options: ConnectOptions,
    retriesFirst: boolean,
  ) {
    this.session = new ClientSession(this, {
      queue: queueLimits(options.queue),
      receiveMaximum: options.properties?.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT,
      store: options.sessionStore,
      resubscribe: options.resubscribe,
    });
    const { clientIdentifier = randomIdentifier(environment), sessionStore } = options;
    if (sessionStore !== undefined && !options.clientIdentifier) {
      const message = "A session store needs a `clientIdentifier`.";
      throw new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", message);
    }
    this.connector = new Connector(environment, this.session, options, urls, clientIdentifier, retriesFirst, this);
    this.#start(clientIdentifier);
  }

  /** Resolves with the first CONNACK; rejects when there will be none. */
  get firstConnect(): Promise<ServerInfo> {
    if (this.lastServer !== undefined) return Promise.resolve(this.lastServer);
    if (this.ending !== undefined) return rejected(this.ending);
    this.#firstConnect ??= new Deferred();
    return this.#firstConnect.promise;
  }

  /** Resolves with `reason` when there will be no connection any more. */
  get closed(): Promise<ClientError | undefined> {
    if (this.ending !== undefined) return Promise.resolve(this.#reason);
    this.#closed ??= new Deferred();
    return this.#closed.promise;
  }

  /** Why it ended; undefined when it was asked to. */
  get #reason(): ClientError | undefined {
    return this.ending?.code === "TIDINGS_CLIENT_CLOSED" ? undefined : this.ending;
  }

  /** Messages of no subscription. */
  get unclaimed(): UnclaimedMessages {
    this.#unclaimed ??= new UnclaimedMessages(this.session.receiveMaximum, this.options.onMessage, this);
    return this.#unclaimed;
  }

  /** A subscription has come: what belongs to it is its own. */
  handOver(subscription: Subscription): void {
    this.#unclaimed?.handOver(subscription, this.table);
  }

  /** Why nothing can be asked of the client now. */
  refusal(signal: AbortSignal | undefined): ClientError | undefined {
    if (signal?.aborted === true) return abortError(signal);
    if (this.ending !== undefined) return this.ending;
    return this.isClosing ? closedError() : undefined;
  }

  /** Nobody reads it any more. */
  forget(subscription: Subscription, error?: ClientError): void {
    const index = this.openSubscriptions.indexOf(subscription);
    if (index < 0) return;
    this.openSubscriptions.splice(index, 1);
    this.table.remove(subscription);
    subscription.end(error);
  }

  /** There will be no connection any more. */
  end(error: ClientError): void {
    if (this.ending !== undefined) return;
    this.ending = error;
    const reason = this.#reason;
    this.session.close(error);
    this.onEnd?.(error);
    for (const subscription of this.openSubscriptions.splice(0)) subscription.end(reason);
    this.#unclaimed?.end(reason);
    this.#firstConnect?.reject(error);
    this.#closed?.resolve(reason);
  }

  report(error: ClientError): void {
    try {
      this.options.onError?.(error);
    } catch {
      // There is nobody left to tell.
    }
  }

  // The connector's owner.

  connected(server: ServerInfo): void {
    const isFirst = this.lastServer === undefined;
    this.lastServer = server;
    if (isFirst && server.sessionPresent) this.unclaimed.isHolding = true;
    if (this.#pauses > 0) this.connector.link?.connection.pause();
    this.#firstConnect?.resolve(server);
    this.#firstConnect = undefined;
    this.#tell(() => this.options.onConnect?.(server));
  }

  disconnected(error: ClientError, retryInMs: number | undefined, wasConnected: boolean): void {
    if (wasConnected) this.#tell(() => this.options.onDisconnect?.(error, retryInMs));
    else this.report(error);
  }

  // The session's host.

  deliver(message: Message): void {
    message.isManual = this.options.acknowledge === "manual";
    const found = this.table.find(message);
    if (found.length === 0) {
      this.unclaimed.deliver(message);
      return;
    }
    message.pending = found.length;
    for (let index = 0; index < found.length; index += 1) found[index].deliver(message);
  }

  abandoned(_message: OutgoingMessage, error: ClientError): void {
    this.report(error);
  }

  subscriptionLost(topicFilter: string, error: ClientError): void {
    for (const subscription of [...this.openSubscriptions]) {
      if (subscription.filters.includes(topicFilter)) this.forget(subscription, error);
    }
    this.report(error);
  }

  // The subscriptions' owner.

  unsubscribeFrom(subscription: Subscription, options?: UnsubscribeOptions): Promise<void> {
    return unsubscribeFrom(this, subscription, options);
  }

  pauseReading(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.connector.link?.connection.pause();
  }

  resumeReading(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.connector.link?.connection.resume(this.environment.now());
  }

  // Details.

  #start(clientIdentifier: string): void {
    const { session, connector } = this;
    const { sessionStore } = this.options;
    if (sessionStore === undefined) {
      session.clientIdentifier = clientIdentifier;
      connector.start(false);
      return;
    }
    sessionStore.store.onDurable = () => connector.link?.storeDurable();
    sessionStore.store.onFailure = (cause) => this.#storeFailed(cause);
    session.recover(clientIdentifier).then(
      (hasSession) => {
        if (!this.isClosing) connector.start(hasSession);
      },
      (cause) => this.#storeFailed(cause),
    );
  }

  #storeFailed(cause: unknown): void {
    const error = thrownError("TIDINGS_CLIENT_STORE_FAILED", "The session store failed", cause);
    const { link } = this.connector;
    this.connector.stop();
    link?.connection.disconnect({ reasonCode: 0x83 }, error, this.environment.now());
    this.report(error);
    this.end(error);
  }

  #tell(hook: () => void): void {
    try {
      hook();
    } catch (cause) {
      this.report(thrownError("TIDINGS_CLIENT_HANDLER_FAILED", "A hook failed", cause));
    }
  }
}

function queueLimits(queue: ConnectOptions["queue"]): QueueLimits {
  if (queue === undefined || queue === false) return QUEUE_DEFAULT;
  return {
    queuedMessagesMax: queue.messagesMax ?? QUEUED_MESSAGES_MAX_DEFAULT,
    queuedBytesMax: queue.bytesMax ?? QUEUED_BYTES_MAX_DEFAULT,
    queueFullPolicy: queue.policy === "drop-oldest" ? "drop-oldest" : "drop-new",
  };
}

/** At most the 23 characters that every server takes (section 3.1.3.1). */
function randomIdentifier(environment: ClientEnvironment): string {
  let text = "tidings-";
  while (text.length < 23) text += Math.floor(environment.random() * 36).toString(36);
  return text;
}
