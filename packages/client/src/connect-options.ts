/** What a client can be told. Every limit has its default, its unit, and what happens at it. */
import type { ConnectPacket, ProtocolVersion, QoS, Will } from "@tidings/packet";
import type { ByteStream } from "@tidings/transport";
import type { Authenticator } from "./authenticator.js";
import type { OpenOptions } from "./client-environment.js";
import type { ClientError } from "./core/client-error.js";
import type { ClientSessionStore } from "./core/client-session-store.js";
import type { Message } from "./core/message.js";
import type { ServerInfo } from "./core/server-info.js";

/** Properties of CONNECT that an application sets; the authentication ones belong to the `Authenticator`. */
export type ConnectProperties = Omit<
  NonNullable<ConnectPacket["properties"]>,
  "authenticationMethod" | "authenticationData"
>;

/** The Will Message (section 3.1.2.5). */
export interface WillOptions {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: Will["properties"];
}

export interface ReconnectOptions {
  /** The delay is chance between 0 and this, doubled with each attempt in a row. Milliseconds, default 1,000. */
  readonly minDelayMs?: number;
  /** The cap of the doubling. Milliseconds, default 30,000. */
  readonly maxDelayMs?: number;
  /** Attempts in a row until the client gives up. Default: no limit. */
  readonly attemptsMax?: number;
  /** A rule of your own: milliseconds until attempt 1, 2, … */
  readonly delay?: (attempt: number) => number;
  /** Whether to stop trying. Default: reasons that another attempt would meet again, such as bad credentials. */
  readonly isFatal?: (error: ClientError) => boolean;
}

export interface QueueOptions {
  /** Messages that wait for a connection, or for room in the server's Receive Maximum. Default 100,000. */
  readonly messagesMax?: number;
  /** Their payloads and topics, and 128 each. Bytes, default 16 MiB. */
  readonly bytesMax?: number;
  /**
   * At the limit: `reject` refuses the new message, `drop-oldest` gives up the one that has waited longest. The `publish`
   * of the message that is not sent rejects with `TIDINGS_CLIENT_QUEUE_FULL`. Default `reject`.
   */
  readonly policy?: "reject" | "drop-oldest";
}

/** What `beforeConnect` is told. */
export interface ConnectAttempt {
  /** 1 for the first one since the client was connected. */
  readonly attempt: number;
  /** Where it goes, without credentials. */
  readonly url: string;
  /** Why the last one failed, or the last connection ended. */
  readonly lastError: ClientError | undefined;
}

/** What `beforeConnect` may change, for this attempt. */
export interface ConnectChanges {
  readonly url?: string;
  readonly username?: string;
  readonly password?: Uint8Array | string;
  readonly properties?: ConnectProperties;
  readonly headers?: Readonly<Record<string, string>>;
  readonly will?: WillOptions;
}

export interface ConnectOptions {
  /** 3 for MQTT 3.1, 4 for 3.1.1, 5 for 5.0. Default: 5, and 4 with a server that refuses 5. */
  readonly protocolVersion?: ProtocolVersion;
  /** Default: `tidings-` and 15 letters by chance. Empty: the server chooses. */
  readonly clientIdentifier?: string;
  readonly username?: string;
  readonly password?: Uint8Array | string;
  /** Seconds, 0 to 65,535; 0: off. Default 60. */
  readonly keepAlive?: number;
  /** How long the server's answer to PINGREQ may take. Milliseconds, default 10,000, never more than Keep Alive. */
  readonly pingTimeoutMs?: number;
  /**
   * Whether the first connection begins a new session. Default: true, unless there is a session store or a Session Expiry
   * Interval. Reconnects resume the session as long as the server keeps it.
   */
  readonly cleanStart?: boolean;
  /**
   * Properties of CONNECT. Defaults: `receiveMaximum` 1,024, `topicAliasMaximum` 16, and a `sessionExpiryInterval` of 300
   * seconds while the client reconnects by itself (a week with a session store), so that a session outlives its connection.
   */
  readonly properties?: ConnectProperties;
  readonly will?: WillOptions;
  /** Options of Node's `tls.connect`: ca, cert, key, servername, … Browsers have none. */
  readonly tls?: object;
  /** `socks5://user:password@host:port`, `socks5h://…` or `http://user:password@host:port`. Node only. */
  readonly proxy?: string;
  /** The address of this machine to connect from; not with a proxy or a Unix socket. Node only. */
  readonly localAddress?: string;
  /** Additional headers of the WebSocket upgrade. Node only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked with each stream before it is used: to count its bytes, say, or to change them. Answers with the one to use. */
  readonly wrapStream?: (stream: ByteStream) => ByteStream;
  /** Opens streams in place of the client's transports, through a tunnel or a worker, say; undefined: as without it. */
  readonly openStream?: (url: string, options: OpenOptions) => Promise<ByteStream> | undefined;
  /** From the first packet on the way to CONNACK, transport and authentication included. Milliseconds, default 30,000. */
  readonly connectTimeoutMs?: number;
  /** False: the client ends with its connection. */
  readonly reconnect?: false | ReconnectOptions;
  /** With `connect`: go on trying when no server can be reached at first. Default false: `connect` rejects. */
  readonly retryFirstConnect?: boolean;
  /** Asked before each attempt: fresh credentials, another address. One that throws is a failed attempt. */
  readonly beforeConnect?: (
    attempt: ConnectAttempt,
  ) => ConnectChanges | undefined | Promise<ConnectChanges | undefined>;
  /** Whether subscriptions are made again where the server has lost the session. Default true. */
  readonly resubscribe?: boolean;
  /** The offline queue. False: without a connection `publish` rejects with `TIDINGS_CLIENT_NOT_CONNECTED`. */
  readonly queue?: false | QueueOptions;
  /**
   * Keeps what is in flight and queued over a restart of the process: `fileSessionStore`, `indexedDbSessionStore`, or
   * `clientSessionStore` of `@tidings/client/core` with a store of your own. Needs a `clientIdentifier`. The client closes it.
   */
  readonly sessionStore?: ClientSessionStore;
  /** `manual`: the server gets its acknowledgement with `message.ack()` or `message.reject()`. Default `automatic`. */
  readonly acknowledge?: "automatic" | "manual";
  /** Enhanced authentication (section 4.12), such as `scramSha256(…)`. */
  readonly authentication?: Authenticator;
  /** Go where the server points to with 0x9C or 0x9D. Default false. */
  readonly followRedirects?: boolean;
  /** Send topics as aliases to a server that takes any. Default true. */
  readonly topicAliases?: boolean;
  /** Told of each message that belongs to no subscription of this client. */
  readonly onMessage?: (message: Message) => void | Promise<void>;
  /** Told after each CONNACK. */
  readonly onConnect?: (server: ServerInfo) => void;
  /** Told when a connection has ended, and when the next attempt begins: in milliseconds, undefined for never. */
  readonly onDisconnect?: (error: ClientError, retryInMs: number | undefined) => void;
  /** Told of failures that no promise can tell: an attempt to connect, a handler that threw, a lost subscription. */
  readonly onError?: (error: ClientError) => void;
}
