/** MQTT.js's client: its methods, events and properties on the client of @tidings/client. */
import {
  type Client,
  type ClientError,
  createClient,
  type Message,
  type ServerInfo,
  type Subscription,
} from "@tidings/client";
import { PacketType } from "@tidings/packet";
import { isTopicFilter } from "@tidings/topic";
import type { ByteStream } from "@tidings/transport";
import { arguments3 } from "./arguments.js";
import type {
  IClientOptions,
  IClientPublishOptions,
  IClientSubscribeOptions,
  IClientUnsubscribeOptions,
  IDisconnectOptions,
  ISubscriptionGrant,
  ISubscriptionMap,
} from "./client-options.js";
import { toConnectChanges, toConnectOptions, versionOf } from "./connect-options.js";
import { Emitter } from "./emitter.js";
import { ErrorWithSubackPacket, shownError } from "./errors.js";
import type { ClientSubscribeCallback, DoneCallback, MqttClientEventCallbacks, PacketCallback } from "./events.js";
import { authenticatorOf } from "./handle-authentication.js";
import { MessageIdentifiers } from "./message-identifiers.js";
import { PacketTap } from "./packet-tap.js";
import type { IAuthPacket, IConnackPacket, IPublishPacket, ISubackPacket, Packet } from "./packets.js";
import { toOurs, toTheirs, userProperties } from "./properties.js";
import { ReasonCodes } from "./reason-codes.js";
import { serverUrls } from "./server-urls.js";
import { showConnack } from "./show-connack.js";
import { showMessage } from "./show-message.js";
import { showPacket } from "./show-packet.js";
import { surfacing } from "./surface.js";

/** A subscription as it was asked for. */
interface Subscribed {
  readonly options: IClientSubscribeOptions;
  /** Of the client in use; undefined while it is being made. */
  subscription: Subscription | undefined;
  /** Made on this connection; only then is another `subscribe` needless. */
  isFresh: boolean;
}

/** Ways to end the wait of a publish. */
interface Outgoing {
  readonly abort: AbortController;
}

/** What a handler failed with that is to be seen by nobody else: the acknowledgement was refused. */
const REFUSED = 0x80;

export class MqttClient extends Emitter<MqttClientEventCallbacks> {
  /** As they were given; changes are seen by the next attempt to connect. */
  readonly options: IClientOptions;
  connected = false;
  reconnecting = false;
  /** `end` was called. */
  disconnecting = false;
  /** `end` is done. */
  disconnected = false;
  #client: Client | undefined;
  #connack: IConnackPacket | undefined;
  /** Attempts of this client; the first one is no reconnect. */
  #attempts = 0;
  /** Whether an attempt or a connection is under way: its end is a `close`. */
  #isOpen = false;
  #ending: Promise<void> | undefined;
  /** The newest. */
  #stream: ByteStream | undefined;
  /** What was asked while there is no client to ask. */
  #waiting: ((client: Client) => void)[] = [];
  readonly #subscriptions = new Map<string, Subscribed>();
  readonly #outgoing = new MessageIdentifiers<Outgoing>();
  /** `end` waits for this: the last acknowledgement, or the end of an attempt. */
  #onIdle: (() => void) | undefined;

  /** @internal Programs use `connect`. */
  constructor(options: IClientOptions) {
    super();
    this.options = options;
    if (options.manualConnect !== true) this.connect();
  }

  /** Begins to connect, with the option `manualConnect` or after `end`. Else it has been done. */
  connect(): this {
    if (this.#client !== undefined) return this;
    this.disconnecting = false;
    this.disconnected = false;
    this.#attempts = 0;
    const { options } = this;
    const client: Client = createClient(serverUrls(options), {
      ...toConnectOptions(options),
      authentication: versionOf(options) === 5 ? authenticatorOf(options, this.handleAuth.bind(this)) : undefined,
      wrapStream: (stream) => this.#tapped(stream),
      beforeConnect: async ({ url }) => {
        await undefined; // the first time this is called, there is no client yet
        if (client !== this.#client) return undefined;
        this.#isOpen = true;
        if (this.#attempts++ > 0) this.#tell("reconnect");
        const { transformWsUrl } = options;
        const isWeb = /^wss?:/.test(url);
        const changed = isWeb && transformWsUrl !== undefined ? await transformWsUrl(url, options, this) : undefined;
        return { ...toConnectChanges(options), url: changed };
      },
      onConnect: (server) => client === this.#client && this.#handleConnect(server),
      onDisconnect: (error) => client === this.#client && this.#handleEnd(error, true),
      onError: (error) => client === this.#client && this.#handleError(error),
      onMessage: (message) => this.#handleMessage(message),
    });
    this.#client = client;
    this.#isOpen = true;
    options.clientId ??= client.clientIdentifier;
    for (const [filter, subscribed] of this.#subscriptions) {
      subscribed.subscription = undefined;
      this.#subscribe(client, filter, subscribed).catch(() => this.#subscriptions.delete(filter));
    }
    for (const task of this.#waiting.splice(0)) task(client);
    return this;
  }

  // Messages.

  publish(topic: string, message: string | Uint8Array, callback?: PacketCallback): this;
  publish(
    topic: string,
    message: string | Uint8Array,
    options?: IClientPublishOptions | null,
    callback?: PacketCallback,
  ): this;
  publish(
    topic: string,
    message: string | Uint8Array,
    given?: IClientPublishOptions | null | PacketCallback,
    last?: PacketCallback,
  ): this {
    const [options, callback] = arguments3<IClientPublishOptions, PacketCallback>(given, last);
    if (this.#isRefused(callback)) return this;
    const { qos = 0, retain = false, properties, cbStorePut } = options;
    if (qos === 0 && this.options.queueQoSZero === false && !this.connected) {
      later(() => callback?.(new Error("No connection to broker")));
      return this;
    }
    const abort = qos === 0 ? undefined : new AbortController();
    const messageId = abort === undefined ? 0 : this.#outgoing.allocate({ abort });
    if (abort !== undefined && messageId === 0) {
      later(() => callback?.(new Error("No message id left: 65,535 messages wait for their acknowledgement.")));
      return this;
    }
    const ours = toOurs(properties);
    this.#ask(async (client) => {
      const publishing = client.publish(topic, message, { qos, retain, properties: ours, signal: abort?.signal });
      if (cbStorePut !== undefined && qos > 0) surfacing(cbStorePut);
      let error: Error | undefined;
      try {
        await publishing;
      } catch (cause) {
        error = abort?.signal.aborted === true ? new Error("Message removed") : shownError(cause);
      }
      if (messageId > 0) this.#outgoing.release(messageId);
      if (callback !== undefined) {
        if (error !== undefined) surfacing(() => callback(error));
        else if (qos === 0) surfacing(() => callback());
        else surfacing(() => callback(null, { ...publishOf(topic, message, options), messageId }));
      }
      if (messageId > 0 && this.disconnecting && this.#outgoing.size === 0) {
        this.#tell("outgoingEmpty");
        this.#onIdle?.();
      }
    });
    return this;
  }

  publishAsync(
    topic: string,
    message: string | Uint8Array,
    options?: IClientPublishOptions | null,
  ): Promise<Packet | undefined> {
    return new Promise((resolve, reject) => {
      this.publish(topic, message, options, (error, packet) => (error ? reject(error) : resolve(packet)));
    });
  }

  /** The number of the newest publish with QoS 1 or 2: the client's own, not the Packet Identifier on the wire. */
  getLastMessageId(): number {
    return this.#outgoing.last;
  }

  /** Ends the wait for an acknowledgement; the callback gets an error. What was sent is not called back. */
  removeOutgoingMessage(messageId: number): this {
    this.#outgoing.get(messageId)?.abort.abort();
    return this;
  }

  /** Replaced by programs: the next message, and the acknowledgement of this one, wait for `callback`. */
  handleMessage(_packet: IPublishPacket, callback: DoneCallback): void {
    callback();
  }

  // Subscriptions.

  subscribe(topics: string | string[] | ISubscriptionMap, callback?: ClientSubscribeCallback): this;
  subscribe(
    topics: string | string[] | ISubscriptionMap,
    options?: IClientSubscribeOptions | null,
    callback?: ClientSubscribeCallback,
  ): this;
  subscribe(
    topics: string | string[] | ISubscriptionMap,
    given?: IClientSubscribeOptions | null | ClientSubscribeCallback,
    last?: ClientSubscribeCallback,
  ): this {
    const [options, callback] = arguments3<IClientSubscribeOptions, ClientSubscribeCallback>(given, last);
    const wanted = subscriptionsOf(topics, options);
    const invalid = invalidOf([...wanted.keys()]);
    if (invalid !== undefined) {
      later(() => callback?.(invalid));
      return this;
    }
    if (this.#isRefused(callback)) return this;
    const isAgain = typeof topics === "object" && !Array.isArray(topics) && topics.resubscribe === true;
    const filters = [...wanted].filter(([filter, { qos = 0 }]) => {
      const known = this.#subscriptions.get(filter);
      return isAgain || known === undefined || !known.isFresh || (known.options.qos ?? 0) < qos;
    });
    if (filters.length === 0) {
      later(() => callback?.(null, []));
      return this;
    }
    const subscribing = filters.map(([filter, subscribeOptions]) => {
      const subscribed: Subscribed = {
        options: subscribeOptions,
        subscription: this.#subscriptions.get(filter)?.subscription,
        isFresh: true,
      };
      this.#subscriptions.set(filter, subscribed);
      return [filter, subscribed] as const;
    });
    this.#ask(async (client) => {
      const answers = await Promise.all(
        subscribing.map(([filter, subscribed]) => this.#grantOf(client, filter, subscribed)),
      );
      const granted = answers.map(({ grant }) => grant);
      const packet: ISubackPacket = { cmd: "suback", granted: granted.map(({ qos }) => qos) };
      const failed = answers.find(({ error }) => error !== undefined)?.error;
      if (callback === undefined) return;
      if (failed === undefined) surfacing(() => callback(null, granted, packet));
      else surfacing(() => callback(subscribeError(failed, packet), granted, packet));
    });
    return this;
  }

  subscribeAsync(
    topics: string | string[] | ISubscriptionMap,
    options?: IClientSubscribeOptions | null,
  ): Promise<ISubscriptionGrant[]> {
    return new Promise((resolve, reject) => {
      this.subscribe(topics, options, (error, granted) => (error ? reject(error) : resolve(granted ?? [])));
    });
  }

  unsubscribe(topics: string | string[], callback?: PacketCallback): this;
  unsubscribe(topics: string | string[], options?: IClientUnsubscribeOptions | null, callback?: PacketCallback): this;
  unsubscribe(
    topics: string | string[],
    given?: IClientUnsubscribeOptions | null | PacketCallback,
    last?: PacketCallback,
  ): this {
    const [, callback] = arguments3<IClientUnsubscribeOptions, PacketCallback>(given, last);
    const filters = typeof topics === "string" ? [topics] : [...topics];
    const invalid = invalidOf(filters);
    if (invalid !== undefined) {
      later(() => callback?.(invalid));
      return this;
    }
    if (this.#isRefused(callback)) return this;
    for (const filter of filters) this.#subscriptions.delete(filter);
    this.#ask(async (client) => {
      let error: Error | undefined;
      try {
        await client.unsubscribe(filters);
      } catch (cause) {
        error = shownError(cause);
      }
      if (callback === undefined) return;
      if (error === undefined) surfacing(() => callback(null, { cmd: "unsuback" }));
      else surfacing(() => callback(error));
    });
    return this;
  }

  unsubscribeAsync(topics: string | string[], options?: IClientUnsubscribeOptions | null): Promise<Packet | undefined> {
    return new Promise((resolve, reject) => {
      this.unsubscribe(topics, options, (error, packet) => (error ? reject(error) : resolve(packet)));
    });
  }

  // The connection.

  /**
   * Says goodbye and closes, after the acknowledgements of what is under way; with `force` at once. The callback is always
   * called: what cannot be acknowledged is given up when the attempt to connect fails, or after five seconds.
   */
  end(callback?: DoneCallback): this;
  end(force?: boolean, callback?: DoneCallback): this;
  end(options?: IDisconnectOptions | null, callback?: DoneCallback): this;
  end(force?: boolean, options?: IDisconnectOptions | null, callback?: DoneCallback): this;
  end(...given: (boolean | IDisconnectOptions | DoneCallback | null | undefined)[]): this {
    const force = given.find((value) => typeof value === "boolean") ?? false;
    const options = given.find((value) => typeof value === "object" && value !== null) as
      | IDisconnectOptions
      | undefined;
    const callback = given.find((value) => typeof value === "function");
    if (this.disconnected) {
      if (callback !== undefined) later(() => callback());
      return this;
    }
    this.disconnecting = true;
    this.#ending ??= this.#endNow(force, options ?? {});
    if (callback !== undefined) this.#ending.then(() => surfacing(() => callback()));
    return this;
  }

  endAsync(force?: boolean | IDisconnectOptions | null, options?: IDisconnectOptions | null): Promise<void> {
    return new Promise((resolve) => {
      this.end(force === true, typeof force === "object" ? force : options, () => resolve());
    });
  }

  /** Tries to connect now: instead of waiting, after `end`, or after a refusal. A connection is closed first. */
  reconnect(): this {
    const client = this.#client;
    if (client === undefined) {
      this.#tell("reconnect");
      return this.connect();
    }
    if (this.disconnecting || client.status === "connected") this.end(() => void this.reconnect());
    else client.retryNow();
    return this;
  }

  /** Sends PINGREQ now. */
  sendPing(): void {
    this.#client?.ping();
  }

  /** Does nothing: Keep Alive is judged by the clock, and what is sent and received counts by itself. */
  reschedulePing(_force?: boolean): void {}

  /** Replaced by programs with enhanced authentication: answers the server's AUTH. */
  handleAuth(_packet: IAuthPacket, callback: PacketCallback): void {
    callback();
  }

  /** Properties of CONNACK, 5.0 only. */
  get serverProperties(): IConnackPacket["properties"] {
    return this.connected ? this.#connack?.properties : undefined;
  }

  /** In force: the server's, or the option. Seconds. */
  get keepalive(): number {
    return (this.connected ? this.#client?.server?.keepAlive : undefined) ?? this.options.keepalive ?? 60;
  }

  // How it goes.

  #handleConnect(server: ServerInfo): void {
    this.connected = true;
    this.reconnecting = false;
    this.#connack = showConnack(server, this.options.clientId);
    if (this.options.resubscribe === false) {
      for (const subscribed of this.#subscriptions.values()) subscribed.isFresh = false;
    }
    this.#tell("connect", this.#connack);
  }

  /** An attempt or a connection has ended. */
  #handleEnd(error: ClientError, wasConnected: boolean): void {
    const client = this.#client as Client;
    const isOver = client.status === "closed";
    this.connected = false;
    this.#isOpen = false;
    if (isOver) {
      this.#client = undefined;
      this.reconnecting = false;
    }
    const { code, reasonCode } = error;
    if (code === "TIDINGS_CLIENT_DISCONNECTED" && versionOf(this.options) === 5) {
      const properties = toTheirs({ reasonString: error.reasonString, serverReference: error.serverReference });
      this.#tell("disconnect", { cmd: "disconnect", reasonCode, ...(properties && { properties }) });
    } else if (!wasConnected || code !== "TIDINGS_CLIENT_CONNECTION_LOST") {
      this.#tell("error", shownError(error));
    }
    if (!isOver && !this.disconnecting && !this.reconnecting) {
      this.reconnecting = true;
      this.#tell("offline");
    }
    this.#tell("close");
    this.#onIdle?.();
  }

  #handleError(error: ClientError): void {
    if (this.#isOpen && !this.connected) this.#handleEnd(error, false);
    else if (error.code !== "TIDINGS_CLIENT_HANDLER_FAILED") this.#tell("error", shownError(error));
  }

  async #endNow(force: boolean, { reasonCode, properties }: IDisconnectOptions): Promise<void> {
    if (!force && this.#outgoing.size > 0 && this.#client !== undefined && !this.connected && this.#isOpen) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    const client = this.#client;
    const isOpen = this.#isOpen;
    const sessionExpiryInterval = properties?.sessionExpiryInterval ?? this.options.properties?.sessionExpiryInterval;
    if (force) this.#stream?.destroy(); // without DISCONNECT, as MQTT.js does: the server publishes the will
    this.#stream = undefined;
    await client?.close({
      force,
      reasonCode,
      properties: {
        sessionExpiryInterval: versionOf(this.options) === 5 ? sessionExpiryInterval : undefined,
        userProperties: userProperties(properties?.userProperties),
      },
    });
    this.#client = undefined;
    this.#isOpen = false;
    this.#onIdle = undefined;
    this.#ending = undefined;
    this.connected = false;
    this.reconnecting = false;
    this.disconnected = true;
    if (isOpen && client !== undefined) this.#tell("close");
    this.#tell("end");
  }

  // Details.

  #tell<Name extends keyof MqttClientEventCallbacks>(
    name: Name,
    ...values: Parameters<MqttClientEventCallbacks[Name]>
  ): void {
    surfacing(() => void this.emit(name, ...values));
  }

  #ask(task: (client: Client) => void): void {
    if (this.#client === undefined) this.#waiting.push(task);
    else task(this.#client);
  }

  #isRefused(callback: ((error: Error) => void) | undefined): boolean {
    if (!this.disconnecting) return false;
    const error = new Error("client disconnecting");
    later(() => (callback === undefined ? void this.emit("error", error) : callback(error)));
    return true;
  }

  #tapped(stream: ByteStream): ByteStream {
    this.#stream = stream;
    if (this.listenerCount("packetsend") + this.listenerCount("packetreceive") === 0) return stream;
    const version = versionOf(this.options);
    return new PacketTap(stream, version, {
      // MQTT.js tells of all but CONNECT.
      sent: (packet) => packet.type !== PacketType.CONNECT && this.#tell("packetsend", showPacket(packet, version)),
      received: (packet) => this.#tell("packetreceive", showPacket(packet, version)),
    });
  }

  #handleMessage(message: Message): void | Promise<void> {
    const packet = showMessage(message);
    const { customHandleAcks } = this.options;
    if (versionOf(this.options) === 5 && customHandleAcks !== undefined && message.qos > 0) {
      return this.#handleWithVerdict(message, packet, customHandleAcks);
    }
    this.#tell("message", message.topic, packet.payload, packet);
    if (this.handleMessage === MqttClient.prototype.handleMessage) return;
    return this.#handled(packet);
  }

  async #handleWithVerdict(
    message: Message,
    packet: IPublishPacket,
    customHandleAcks: NonNullable<IClientOptions["customHandleAcks"]>,
  ): Promise<void> {
    const verdict = await new Promise<Error | number>((resolve) => {
      surfacing(() =>
        customHandleAcks(message.topic, packet.payload, packet, (error, code) => {
          resolve(typeof error === "number" ? error : (error ?? code ?? 0));
        }),
      );
    });
    if (typeof verdict !== "number") {
      this.#tell("error", verdict);
      return; // not acknowledged
    }
    if (verdict >= REFUSED) {
      try {
        message.reject(verdict);
      } catch (cause) {
        this.#tell("error", shownError(cause));
      }
      return;
    }
    this.#tell("message", message.topic, packet.payload, packet);
    await this.#handled(packet);
    message.ack();
  }

  #handled(packet: IPublishPacket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.handleMessage(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  async #grantOf(
    client: Client,
    filter: string,
    subscribed: Subscribed,
  ): Promise<{ grant: ISubscriptionGrant; error?: ClientError }> {
    const { nl, rap, rh } = subscribed.options;
    const more = versionOf(this.options) === 5 ? { nl, rap, rh } : {};
    try {
      return { grant: { topic: filter, qos: await this.#subscribe(client, filter, subscribed), ...more } };
    } catch (cause) {
      if (this.#subscriptions.get(filter) === subscribed) this.#subscriptions.delete(filter);
      const error = cause as ClientError;
      return { grant: { topic: filter, qos: error.reasonCode ?? REFUSED, ...more }, error };
    }
  }

  /** Answers with the QoS granted. */
  async #subscribe(client: Client, filter: string, subscribed: Subscribed): Promise<number> {
    const { qos = 0, nl, rap, rh, properties } = subscribed.options;
    const subscription = await client.subscribe(filter, {
      qos,
      noLocal: nl ?? false,
      retainAsPublished: rap ?? false,
      retainHandling: (rh ?? 0) as 0 | 1 | 2,
      properties: properties && {
        subscriptionIdentifier: properties.subscriptionIdentifier,
        userProperties: userProperties(properties.userProperties),
      },
      detached: true,
    });
    // The one before it has the same filter: it is forgotten here, and the server is not asked.
    subscribed.subscription?.unsubscribe().catch(() => {});
    subscribed.subscription = subscription;
    return subscription.granted.get(filter) ?? 0;
  }
}

function later(task: () => void): void {
  void Promise.resolve().then(() => surfacing(task));
}

function subscriptionsOf(
  topics: string | string[] | ISubscriptionMap,
  options: IClientSubscribeOptions,
): Map<string, IClientSubscribeOptions> {
  if (typeof topics === "string" || Array.isArray(topics)) {
    const all = { nl: false, rap: false, rh: 0, ...options };
    return new Map([topics].flat().map((topic) => [topic, all]));
  }
  const { resubscribe: _, ...map } = topics as Record<string, IClientSubscribeOptions>;
  return new Map(
    Object.entries(map).map(([topic, own]) => [topic, { ...own, properties: own.properties ?? options.properties }]),
  );
}

function invalidOf(filters: readonly string[]): Error | undefined {
  const invalid = filters.length === 0 ? "empty_topic_list" : filters.find((filter) => !isTopicFilter(filter));
  return invalid === undefined ? undefined : new Error(`Invalid topic ${invalid}`);
}

function publishOf(topic: string, message: string | Uint8Array, options: IClientPublishOptions): IPublishPacket {
  const { qos = 0, retain = false, properties } = options;
  return {
    cmd: "publish",
    topic,
    payload: message as Buffer,
    qos,
    retain,
    dup: false,
    ...(properties && { properties }),
  };
}

function subscribeError(cause: ClientError, packet: ISubackPacket): Error {
  const { code, reasonCode = REFUSED } = cause;
  if (code !== "TIDINGS_CLIENT_SUBSCRIBE_REFUSED") return shownError(cause);
  return new ErrorWithSubackPacket(`Subscribe error: ${ReasonCodes[reasonCode] ?? reasonCode}`, packet, { cause });
}
