/** The options of MQTT.js. Those whose meaning the client has are used; the README lists the rest, and why. */
import type { IMessageIdProvider } from "./message-id-provider.js";
import type { MqttClient } from "./mqtt-client.js";
import type { IConnectProperties, IPublishPacket, IPublishProperties, IWill, QoS, UserProperties } from "./packets.js";
import type { IStore } from "./store.js";

export type MqttProtocol = "mqtt" | "mqtts" | "tcp" | "tls" | "ssl" | "ws" | "wss" | "mqtt+unix" | "tcp+unix" | "unix";

/** Answers with the Reason Code to acknowledge a message with; 5.0 only. */
export type AckHandler = (
  topic: string,
  message: Buffer,
  packet: IPublishPacket,
  callback: (error: Error | number | null | undefined, code?: number) => void,
) => void;

export interface IClientOptions {
  // Where to.
  protocol?: MqttProtocol;
  host?: string;
  hostname?: string;
  port?: number;
  /** Of a WebSocket server, or of the socket with `unixSocket`. */
  path?: string;
  query?: Record<string, string | string[] | undefined>;
  /** `username:password`. */
  auth?: string;
  servers?: { host: string; port: number; protocol?: MqttProtocol }[];
  unixSocket?: boolean;
  /** Changes the URL of a WebSocket server before each attempt. */
  transformWsUrl?: (url: string, options: IClientOptions, client: MqttClient) => string | Promise<string>;
  /** Makes the WebSocket of each attempt: one of the browser's kind, such as that of `ws`. */
  createWebsocket?: (url: string, subprotocols: string[], options: IClientOptions) => unknown;
  /** `headers` and `origin` are used, and the options of TLS. */
  wsOptions?: { headers?: Record<string, string>; origin?: string; [name: string]: unknown };
  /** `socks5://…` or `socks5h://…`; `http://…` as well. Default: the environment variable `MQTTJS_SOCKS_PROXY`. */
  socksProxy?: string;

  // CONNECT.
  protocolId?: "MQTT" | "MQIsdp";
  /** 3, 4 or 5; default 4. */
  protocolVersion?: 3 | 4 | 5;
  clientId?: string;
  clean?: boolean;
  /** Seconds; default 60. */
  keepalive?: number;
  username?: string;
  password?: Buffer | Uint8Array | string;
  will?: IWill;
  properties?: IConnectProperties & {
    authenticationMethod?: string;
    authenticationData?: Buffer | Uint8Array | string;
  };

  // Staying connected.
  /** Milliseconds between attempts, default 1,000; 0: no reconnecting. */
  reconnectPeriod?: number;
  /** Whether to go on after a CONNACK that refuses. Default false. */
  reconnectOnConnackError?: boolean;
  /** Milliseconds, default 30,000. */
  connectTimeout?: number;
  /** Whether a reconnect subscribes again where the server has lost the session. Default true. */
  resubscribe?: boolean;
  manualConnect?: boolean;

  // Messages.
  /** Default true. False: a QoS 0 publish without a connection fails. */
  queueQoSZero?: boolean;
  customHandleAcks?: AckHandler;
  /**
   * Keeps what is published with QoS 1 and 2 until it is acknowledged: over a restart with a store on disk. What is in it
   * when the client is made is published.
   */
  outgoingStore?: IStore | null;
  /** Closed by `end`, and else not used: incoming messages are handed on as they come. */
  incomingStore?: IStore | null;
  /** Numbers the messages for callbacks and `removeOutgoingMessage`; those on the wire are the client's. */
  messageIdProvider?: IMessageIdProvider;
  /** Topic Aliases are sent to servers that take them, unless both of these are false. */
  autoUseTopicAlias?: boolean;
  autoAssignTopicAlias?: boolean;

  /** Told what the client does: a format like that of `console.log`, and its values. */
  log?: (...values: unknown[]) => void;

  // TLS.
  ca?: unknown;
  cert?: unknown;
  key?: unknown;
  pfx?: unknown;
  passphrase?: string;
  rejectUnauthorized?: boolean;
  servername?: string;
  ALPNProtocols?: unknown;

  /** Everything else that MQTT.js or Node's `tls.connect` knows. */
  [name: string]: unknown;
}

export interface IClientPublishOptions {
  qos?: QoS;
  retain?: boolean;
  /** No meaning: the client sets DUP when it sends a message again. */
  dup?: boolean;
  properties?: IPublishProperties;
  /** Called when the message was taken over. */
  cbStorePut?: () => void;
}

export interface IClientSubscribeOptions {
  qos?: QoS;
  nl?: boolean;
  rap?: boolean;
  rh?: number;
  properties?: { subscriptionIdentifier?: number; userProperties?: UserProperties };
}

export type ISubscriptionMap = { [topic: string]: IClientSubscribeOptions } & { resubscribe?: boolean };

export interface ISubscriptionGrant {
  topic: string;
  /** What the server has granted; 0x80 and above: refused. */
  qos: number;
  nl?: boolean;
  rap?: boolean;
  rh?: number;
}

export interface IClientUnsubscribeOptions {
  /** No meaning: the client sends none with UNSUBSCRIBE. */
  properties?: { userProperties?: UserProperties };
}

export interface IDisconnectOptions {
  reasonCode?: number;
  properties?: { sessionExpiryInterval?: number; userProperties?: UserProperties; [name: string]: unknown };
}
