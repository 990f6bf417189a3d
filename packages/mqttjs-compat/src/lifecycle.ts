/** How a client comes and goes: connecting, the events of that, `reconnect` and `end`. */
import { type Client, type ClientError, createClient, type Message } from "@tidings/client";
import { type ControlPacket, PacketType } from "@tidings/packet";
import type { ByteStream } from "@tidings/transport";
import type { IClientOptions, IDisconnectOptions } from "./client-options.js";
import type { ClientSlot } from "./client-slot.js";
import { toConnectChanges, toConnectOptions, versionOf } from "./connect-options.js";
import { ConnectionStream } from "./connection-stream.js";
import { shownError } from "./errors.js";
import { authenticatorOf } from "./handle-authentication.js";
import type { MqttClient } from "./mqtt-client.js";
import { openStreams, type StreamBuilder } from "./open-streams.js";
import type { OutgoingMessages } from "./outgoing-messages.js";
import { PacketTap } from "./packet-tap.js";
import type { IConnackPacket } from "./packets.js";
import { toTheirs, userProperties } from "./properties.js";
import { serverUrls } from "./server-urls.js";
import { showPacket } from "./show-packet.js";
import type { Subscriptions } from "./subscriptions.js";
import { tell } from "./surface.js";

/** What an MqttClient is made of. */
interface ClientParts {
  readonly streamBuilder: StreamBuilder | undefined;
  readonly slot: ClientSlot;
  readonly outgoing: OutgoingMessages;
  readonly subscriptions: Subscriptions;
  readonly onMessage: (message: Message) => void | Promise<void>;
}

export class Lifecycle {
  /** Of the connection, or of the refusal before. */
  connack: IConnackPacket | undefined;
  /** The newest. */
  stream: ConnectionStream | undefined;
  /** Attempts of this client; the first one is no reconnect. */
  #attempts = 0;
  /** Whether an attempt or a connection is under way: its end is a `close`. */
  #isOpen = false;
  /** MQTT.js sends the first CONNECT before a program can listen. */
  #tellsConnect: boolean;
  #ending: Promise<Error | undefined> | undefined;
  /** `end` waits for this: the last acknowledgement, or the end of an attempt. */
  #onIdle: (() => void) | undefined;

  readonly #mqttClient: MqttClient;
  readonly #parts: ClientParts;

  constructor(mqttClient: MqttClient, parts: ClientParts) {
    this.#mqttClient = mqttClient;
    this.#parts = parts;
    this.#tellsConnect = mqttClient.options.manualConnect === true;
  }

  connect(): void {
    const { streamBuilder, slot, outgoing, subscriptions, onMessage } = this.#parts;
    if (slot.client !== undefined) return;
    const mqttClient = this.#mqttClient;
    const { options } = mqttClient;
    mqttClient.log("connect");
    mqttClient.disconnecting = false;
    mqttClient.disconnected = false;
    this.#attempts = 0;
    const isWithAuth = versionOf(options) === 5;
    // Before 5.0 there is no such thing.
    const authentication = isWithAuth
      ? authenticatorOf(options, (...values) => mqttClient.handleAuth(...values))
      : undefined;
    const urls = streamBuilder === undefined ? serverUrls(options) : ["mqtt://localhost"];
    const client: Client = createClient(urls, {
      ...toConnectOptions(options),
      authentication,
      openStream: openStreams(mqttClient, streamBuilder, options),
      wrapStream: (stream) => this.#tapped(stream),
      beforeConnect: async ({ url }) => {
        await undefined; // the first time this is called, there is no client yet
        if (client !== slot.client) return undefined;
        return { ...toConnectChanges(options), url: await this.#beginAttempt(url) };
      },
      onConnect: () => client === slot.client && this.#handleConnect(),
      onDisconnect: (error) => client === slot.client && this.#handleEnd(error, true),
      onError: (error) => client === slot.client && this.#handleError(error),
      onMessage,
    });
    this.#isOpen = true;
    outgoing.recover();
    subscriptions.renew(client);
    slot.fill(client);
  }

  reconnect(stores: Pick<IClientOptions, "incomingStore" | "outgoingStore">): void {
    const mqttClient = this.#mqttClient;
    const { client } = this.#parts.slot;
    if (client !== undefined && (mqttClient.disconnecting || client.status === "connected")) {
      void this.end(false, {}).then(() => this.reconnect(stores));
      return;
    }
    if (client !== undefined) {
      client.retryNow();
      return;
    }
    mqttClient.options.incomingStore = stores.incomingStore;
    mqttClient.options.outgoingStore = stores.outgoingStore;
    tell(mqttClient, "reconnect");
    this.connect();
  }

  /** Always resolves: with what a store failed with, if it did. */
  end(force: boolean, options: IDisconnectOptions): Promise<Error | undefined> {
    this.#mqttClient.disconnecting = true;
    this.#ending ??= this.#endNow(force, options);
    return this.#ending;
  }

  /** Everything that was published is acknowledged. */
  handleEmpty(): void {
    if (!this.#mqttClient.disconnecting) return;
    tell(this.#mqttClient, "outgoingEmpty");
    this.#onIdle?.();
  }

  /** Answers with the URL to use in place of that one. */
  async #beginAttempt(url: string): Promise<string | undefined> {
    const mqttClient = this.#mqttClient;
    const { transformWsUrl } = mqttClient.options;
    this.#isOpen = true;
    this.connack = undefined;
    mqttClient.log("attempt %d to connect to %s", this.#attempts + 1, url);
    if (this.#attempts++ > 0) tell(mqttClient, "reconnect");
    if (transformWsUrl === undefined || !/^wss?:/.test(url)) return undefined;
    return transformWsUrl(url, mqttClient.options, mqttClient);
  }

  #tapped(stream: ByteStream): ByteStream {
    const mqttClient = this.#mqttClient;
    const version = versionOf(mqttClient.options);
    const connectionStream = new ConnectionStream(stream);
    this.stream = connectionStream;
    const listens = (): boolean =>
      mqttClient.listenerCount("packetsend") + mqttClient.listenerCount("packetreceive") > 0;
    return new PacketTap(stream, version, {
      sent: (packet) => {
        if (packet.type !== PacketType.CONNECT || this.#tellsConnect) this.#tellPacket("packetsend", packet, version);
        this.#tellsConnect = true;
      },
      received: (packet) => {
        if (packet.type === PacketType.CONNACK) this.connack = showPacket(packet, version) as IConnackPacket;
        this.#tellPacket("packetreceive", packet, version);
      },
      closed: (error) => {
        connectionStream.destroyed = true;
        if (error !== undefined) connectionStream.emit("error", error);
        connectionStream.emit("close");
      },
      wantsMore: listens,
    });
  }

  #tellPacket(name: "packetsend" | "packetreceive", packet: ControlPacket, version: number): void {
    if (this.#mqttClient.listenerCount(name) > 0) tell(this.#mqttClient, name, showPacket(packet, version));
  }

  #handleConnect(): void {
    const mqttClient = this.#mqttClient;
    mqttClient.connected = true;
    mqttClient.reconnecting = false;
    tell(mqttClient, "connect", this.connack as IConnackPacket);
  }

  /** An attempt or a connection has ended. */
  #handleEnd(error: ClientError, wasConnected: boolean): void {
    const mqttClient = this.#mqttClient;
    const isOver = this.#parts.slot.client?.status === "closed";
    mqttClient.connected = false;
    this.#isOpen = false;
    if (wasConnected) this.connack = undefined;
    if (isOver) {
      this.#parts.slot.clear();
      mqttClient.reconnecting = false;
    }
    const { code, reasonCode } = error;
    if (code === "TIDINGS_CLIENT_DISCONNECTED" && versionOf(mqttClient.options) === 5) {
      const properties = toTheirs({ reasonString: error.reasonString, serverReference: error.serverReference });
      tell(mqttClient, "disconnect", { cmd: "disconnect", reasonCode, ...(properties && { properties }) });
    } else if (!wasConnected || code !== "TIDINGS_CLIENT_CONNECTION_LOST") {
      tell(mqttClient, "error", shownError(error));
    }
    if (!isOver && !mqttClient.disconnecting && !mqttClient.reconnecting) {
      mqttClient.reconnecting = true;
      tell(mqttClient, "offline");
    }
    tell(mqttClient, "close");
    this.#onIdle?.();
  }

  #handleError(error: ClientError): void {
    if (this.#isOpen && !this.#mqttClient.connected) this.#handleEnd(error, false);
    else if (error.code !== "TIDINGS_CLIENT_HANDLER_FAILED") tell(this.#mqttClient, "error", shownError(error));
  }

  async #endNow(force: boolean, { reasonCode, properties }: IDisconnectOptions): Promise<Error | undefined> {
    const mqttClient = this.#mqttClient;
    const { options } = mqttClient;
    mqttClient.log("end, by force: %s", force);
    if (!force) await this.#parts.outgoing.storeIdle();
    if (
      !force &&
      this.#parts.outgoing.size > 0 &&
      this.#parts.slot.client !== undefined &&
      !mqttClient.connected &&
      this.#isOpen
    ) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    const { client } = this.#parts.slot;
    const isOpen = this.#isOpen;
    const sessionExpiryInterval = properties?.sessionExpiryInterval ?? options.properties?.sessionExpiryInterval;
    if (force) this.stream?.destroy(); // without DISCONNECT, as MQTT.js does: the server publishes the will
    await client?.close({
      force,
      reasonCode,
      properties: {
        sessionExpiryInterval: versionOf(options) === 5 ? sessionExpiryInterval : undefined,
        userProperties: userProperties(properties?.userProperties),
      },
    });
    this.#parts.slot.end();
    this.#isOpen = false;
    this.#onIdle = undefined;
    this.connack = undefined;
    mqttClient.connected = false;
    mqttClient.reconnecting = false;
    if (isOpen && client !== undefined) tell(mqttClient, "close");
    const error = await closeStores(options);
    this.#ending = undefined;
    mqttClient.disconnected = true;
    tell(mqttClient, "end");
    return error;
  }
}

/** Answers with what the first of them failed with. */
async function closeStores({ incomingStore, outgoingStore }: IClientOptions): Promise<Error | undefined> {
  let failure: Error | undefined;
  for (const store of [incomingStore, outgoingStore]) {
    if (!store) continue;
    await new Promise<void>((resolve) => {
      store.close((error) => {
        failure ??= error ?? undefined;
        resolve();
      });
    });
  }
  return failure;
}
