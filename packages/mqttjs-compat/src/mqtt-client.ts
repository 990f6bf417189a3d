/** MQTT.js's client: its methods, events and properties on the client of @tidings/client. */
import type {
  IClientOptions,
  IClientPublishOptions,
  IClientSubscribeOptions,
  IClientUnsubscribeOptions,
  IDisconnectOptions,
  ISubscriptionGrant,
  ISubscriptionMap,
} from "./client-options.js";
import { ClientSlot } from "./client-slot.js";
import type { ConnectionStream } from "./connection-stream.js";
import { Emitter } from "./emitter.js";
import type { ClientSubscribeCallback, DoneCallback, MqttClientEventCallbacks, PacketCallback } from "./events.js";
import { handleIncoming } from "./incoming-messages.js";
import { Lifecycle } from "./lifecycle.js";
import { UniqueMessageIdProvider } from "./message-id-provider.js";
import type { StreamBuilder } from "./open-streams.js";
import { OutgoingMessages } from "./outgoing-messages.js";
import type { IAuthPacket, IConnackPacket, IPublishPacket, Packet } from "./packets.js";
import { Subscriptions } from "./subscriptions.js";
import { later, surfacing } from "./surface.js";

/** What `client.options` has where the program says nothing. */
const OPTION_DEFAULTS = {
  keepalive: 60,
  reschedulePings: true,
  protocolId: "MQTT",
  protocolVersion: 4,
  reconnectPeriod: 1_000,
  connectTimeout: 30_000,
  clean: true,
  resubscribe: true,
} as const satisfies IClientOptions;

export class MqttClient extends Emitter<MqttClientEventCallbacks> {
  /** As they were given; changes are seen by the next attempt to connect. */
  readonly options: IClientOptions;
  connected = false;
  reconnecting = false;
  /** `end` was called. */
  disconnecting = false;
  /** `end` is done. */
  disconnected = false;
  /** The option: a function with a format like that of `console.log`, and its values. Else it does nothing. */
  readonly log: (...values: unknown[]) => void;
  readonly #slot = new ClientSlot();
  readonly #outgoing: OutgoingMessages;
  readonly #subscriptions: Subscriptions;
  readonly #lifecycle: Lifecycle;

  /**
   * Most programs use `connect`. `streamBuilder` is called for each attempt to connect, and answers with a Duplex that need not
   * be connected yet; undefined: the options say where to go.
   */
  constructor(streamBuilder: StreamBuilder | undefined, options: IClientOptions = {}) {
    super();
    for (const [name, value] of Object.entries(OPTION_DEFAULTS)) options[name] ??= value;
    this.options = options;
    this.log = options.log ?? (() => {});
    options.clientId ??= MqttClient.defaultId();
    const numbers = options.messageIdProvider ?? new UniqueMessageIdProvider();
    this.#outgoing = new OutgoingMessages(this, this.#slot, numbers, () => this.#lifecycle.handleEmpty());
    this.#subscriptions = new Subscriptions(this, this.#slot);
    this.#lifecycle = new Lifecycle(this, {
      streamBuilder,
      slot: this.#slot,
      outgoing: this.#outgoing,
      subscriptions: this.#subscriptions,
      onMessage: (message) => handleIncoming(this, message, this.handleMessage !== MqttClient.prototype.handleMessage),
    });
    if (options.manualConnect !== true) this.connect();
  }

  /** A Client Identifier by chance. */
  static defaultId(): string {
    return `mqttjs_${Math.random().toString(16).slice(2, 10)}`;
  }

  /** Begins to connect, with the option `manualConnect` or after `end`. Else it has been done. */
  connect(): this {
    const { authenticationMethod, authenticationData } = this.options.properties ?? {};
    this.#lifecycle.connect();
    if (authenticationData !== undefined && authenticationMethod === undefined) {
      this.end(true, () => void this.emit("error", new Error("Packet has no Authentication Method")));
    }
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
    const [options, callback] = optionsAndCallback<IClientPublishOptions, PacketCallback>(given, last);
    this.log("publish to %s", topic);
    this.#outgoing.publish(topic, message, options, callback);
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
    return this.#outgoing.lastMessageId;
  }

  /** Ends the wait for an acknowledgement; the callback gets an error. What was sent is not called back. */
  removeOutgoingMessage(messageId: number): this {
    this.#outgoing.remove(messageId);
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
    const [options, callback] = optionsAndCallback<IClientSubscribeOptions, ClientSubscribeCallback>(given, last);
    this.log("subscribe to %j", topics);
    this.#subscriptions.subscribe(topics, options, callback);
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
    const [, callback] = optionsAndCallback<IClientUnsubscribeOptions, PacketCallback>(given, last);
    this.log("unsubscribe from %j", topics);
    this.#subscriptions.unsubscribe(topics, callback);
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
    const ended = this.#lifecycle.end(force, options ?? {});
    if (callback !== undefined) void ended.then((error) => surfacing(() => (error ? callback(error) : callback())));
    return this;
  }

  endAsync(force?: boolean | IDisconnectOptions | null, options?: IDisconnectOptions | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.end(force === true, typeof force === "object" ? force : options, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /**
   * Tries to connect now: instead of waiting, after `end`, or after a refusal. A connection is closed first. After `end` there
   * are no stores but those given here, as `end` has closed the others.
   */
  reconnect(stores: Pick<IClientOptions, "incomingStore" | "outgoingStore"> = {}): this {
    this.#lifecycle.reconnect(stores);
    return this;
  }

  /** Sends PINGREQ now. */
  sendPing(): void {
    this.#slot.client?.ping();
  }

  /** Does nothing: Keep Alive is judged by the clock, and what is sent and received counts by itself. */
  reschedulePing(_force?: boolean): void {}

  /** Replaced by programs with enhanced authentication: answers the server's AUTH. */
  handleAuth(_packet: IAuthPacket, callback: PacketCallback): void {
    callback();
  }

  /** Properties of CONNACK, 5.0 only; after a refusal until the next attempt. */
  get serverProperties(): IConnackPacket["properties"] {
    return this.#lifecycle.connack?.properties;
  }

  /** In force, in seconds: the server's, or the option. */
  get keepalive(): number {
    const { keepalive = OPTION_DEFAULTS.keepalive } = this.options;
    const server = this.connected ? this.serverProperties?.serverKeepAlive : undefined;
    return keepalive === 0 || !server ? keepalive : server;
  }

  /** Of the newest connection. */
  get stream(): ConnectionStream | undefined {
    return this.#lifecycle.stream;
  }
}

/** MQTT.js's optional arguments: options, a callback, or both. */
function optionsAndCallback<Options extends object, Callback extends (...values: never[]) => void>(
  given: Options | Callback | null | undefined,
  last: Callback | undefined,
): [Options | Record<string, never>, Callback | undefined] {
  if (typeof given === "function") return [{}, given as Callback];
  return [(given as Options | null | undefined) ?? {}, last];
}
