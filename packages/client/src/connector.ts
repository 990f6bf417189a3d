/**
 * Keeps a client connected: chooses a server, opens a stream, and tries again when it fails or ends (MQTT 5.0 section
 * 4.2). Knows nothing of messages; the session goes on over whatever connection there is.
 */
import { type ProtocolVersion, ReasonCode } from "@tidings/packet";
import type { ByteStream } from "@tidings/transport";
import { authenticationError } from "./authentication-error.js";
import type { Authentication } from "./authenticator.js";
import type { ClientEnvironment, Timer } from "./client-environment.js";
import type { ConnectChanges, ConnectOptions, ReconnectOptions } from "./connect-options.js";
import { connectPacket, isLasting, sessionExpiryInterval } from "./connect-packet.js";
import { BlockPool } from "./core/block-pool.js";
import { ClientError } from "./core/client-error.js";
import type { ClientSession } from "./core/client-session.js";
import type { ServerInfo } from "./core/server-info.js";
import { Link, type LinkOwner } from "./link.js";
import { isFatal, reconnectDelayMs } from "./reconnect-policy.js";
import { redirectTarget } from "./redirect-target.js";
import { parseServerAddress, parseServerAddresses, type ServerAddress } from "./server-address.js";
import { thrownError } from "./thrown-error.js";

export type ClientStatus = "connecting" | "connected" | "reconnecting" | "closed";

/** Who is told how it goes. */
export interface ConnectorOwner {
  connected(server: ServerInfo): void;
  /** An attempt failed, or a connection ended. `retryInMs` is undefined when there is no next attempt. */
  disconnected(error: ClientError, retryInMs: number | undefined, wasConnected: boolean): void;
  /** There will be no connection any more. */
  end(error: ClientError): void;
}

const CONNECT_TIMEOUT_MS_DEFAULT = 30_000;
const PING_TIMEOUT_MS_DEFAULT = 10_000;
/** A connection that lasted this long was a good one: the next attempts begin to count anew. */
const STABLE_MS = 5_000;
/** Redirects in a row. */
const REDIRECTS_MAX = 5;
/** Shared by all clients of a process. */
const pool = new BlockPool();

export class Connector implements LinkOwner {
  status: ClientStatus = "connecting";
  link: Link | undefined;
  #addresses: readonly ServerAddress[];
  #index = 0;
  #version: ProtocolVersion;
  /** Attempts in a row that led to no stable connection. */
  #attempt = 0;
  #redirects = 0;
  /** The next attempt goes here, once. */
  #detour: ServerAddress | undefined;
  #lastError: ClientError | undefined;
  #connectedAtMs = 0;
  /** The server may hold a session of this client. */
  #mayResume = false;
  #delay: Timer | undefined;
  #abort: AbortController | undefined;
  #hasBeenConnected = false;

  readonly #environment: ClientEnvironment;
  readonly #session: ClientSession;
  readonly #options: ConnectOptions;
  readonly #clientIdentifier: string;
  readonly #retriesFirst: boolean;
  readonly #owner: ConnectorOwner;

  constructor(
    environment: ClientEnvironment,
    session: ClientSession,
    options: ConnectOptions,
    urls: string | readonly string[],
    clientIdentifier: string,
    /** False: one round over all servers, until one was reached. */
    retriesFirst: boolean,
    owner: ConnectorOwner,
  ) {
    this.#environment = environment;
    this.#session = session;
    this.#options = options;
    this.#clientIdentifier = clientIdentifier;
    this.#retriesFirst = retriesFirst;
    this.#owner = owner;
    if (urls.length === 0) {
      throw new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", "The URL of at least one server is needed.");
    }
    this.#addresses = parseServerAddresses(urls);
    this.#version = options.protocolVersion ?? 5;
  }

  /** `hasSession`: an earlier life of the process has left one. */
  start(hasSession: boolean): void {
    this.#mayResume = hasSession || isLasting(this.#options);
    this.attemptNow();
  }

  /** Ends the wait for the next attempt, or the attempt. The link is the caller's to end. */
  stop(): void {
    this.status = "closed";
    this.#cancelDelay();
    this.#abort?.abort();
  }

  /** Ends the wait for the next attempt. */
  retryNow(): void {
    if (this.#delay === undefined || this.status === "closed") return;
    this.#cancelDelay();
    this.attemptNow();
  }

  /** Whether the server is to forget the session when the client is closed. */
  get endsSession(): boolean {
    return !isLasting(this.#options) && sessionExpiryInterval(this.#options) > 0;
  }

  // The link's side.

  linkConnected(_link: Link, server: ServerInfo): void {
    this.status = "connected";
    this.#connectedAtMs = this.#environment.now();
    this.#hasBeenConnected = true;
    this.#redirects = 0;
    const outlives = server.protocolVersion === 5 ? server.sessionExpiryInterval > 0 : isLasting(this.#options);
    this.#mayResume = outlives;
    this.#owner.connected(server);
  }

  linkEnded(link: Link, error: ClientError): void {
    if (this.link === link) this.link = undefined;
    if (this.status === "closed") return;
    const wasConnected = this.status === "connected";
    if (wasConnected && this.#environment.now() - this.#connectedAtMs >= STABLE_MS) this.#attempt = 0;
    this.#failed(error, wasConnected);
  }

  // Attempts.

  #cancelDelay(): void {
    if (this.#delay !== undefined) this.#environment.cancel(this.#delay);
    this.#delay = undefined;
  }

  /** @internal Ends no wait, and asks nobody. */
  attemptNow(): void {
    this.#delay = undefined;
    this.status = this.#hasBeenConnected ? "reconnecting" : "connecting";
    this.#attempt += 1;
    const abort = new AbortController();
    this.#abort = abort;
    this.#connectOnce(abort.signal).catch((cause) => {
      if (!abort.signal.aborted) this.#failed(asClientError(cause), false);
    });
  }

  async #connectOnce(signal: AbortSignal): Promise<void> {
    const environment = this.#environment;
    const options = this.#options;
    const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS_DEFAULT;
    const dueMs = environment.now() + connectTimeoutMs;
    const planned = this.#detour ?? this.#addresses[this.#index % this.#addresses.length];
    this.#detour = undefined;
    const changes = await this.#askBeforeConnect(planned.url);
    if (signal.aborted) return;
    const address = changes.url === undefined ? planned : parseServerAddress(changes.url);
    const { authentication: authenticator } = options;
    let authentication: Authentication | undefined;
    let authenticationData: Uint8Array | undefined;
    try {
      authentication = this.#version === 5 ? authenticator?.begin() : undefined;
      authenticationData = await authentication?.start();
    } catch (cause) {
      throw authenticationError(cause);
    }
    if (signal.aborted) return;
    const connect = connectPacket({
      options,
      changes,
      address,
      version: this.#version,
      clientIdentifier: this.#session.clientIdentifier || this.#clientIdentifier,
      cleanStart: !this.#mayResume,
      authenticationData,
    });
    const stream = await this.#open(address, changes, connectTimeoutMs, signal);
    if (signal.aborted) {
      stream.destroy();
      return;
    }
    const linkOptions = {
      connectTimeoutMs: Math.max(1, dueMs - environment.now()),
      pingTimeoutMs: options.pingTimeoutMs ?? PING_TIMEOUT_MS_DEFAULT,
      topicAliases: options.topicAliases ?? true,
      pool,
    };
    const session = this.#session;
    this.#abort = undefined;
    this.link = new Link(environment, stream, session, connect, linkOptions, this, authenticator, authentication);
  }

  async #askBeforeConnect(url: string): Promise<ConnectChanges> {
    const { beforeConnect } = this.#options;
    if (beforeConnect === undefined) return {};
    try {
      return (await beforeConnect({ attempt: this.#attempt, url, lastError: this.#lastError })) ?? {};
    } catch (cause) {
      throw thrownError("TIDINGS_CLIENT_HANDLER_FAILED", "beforeConnect failed", cause);
    }
  }

  async #open(
    address: ServerAddress,
    changes: ConnectChanges,
    connectTimeoutMs: number,
    signal: AbortSignal,
  ): Promise<ByteStream> {
    const { tls, proxy, localAddress, headers, wrapStream, openStream } = this.#options;
    const how = {
      connectTimeoutMs,
      signal,
      tls,
      proxy,
      localAddress,
      headers: changes.headers ?? headers,
      subprotocol: this.#version === 3 ? "mqttv3.1" : "mqtt",
    };
    const stream = await (openStream?.(address.url, how) ?? this.#environment.open(address, how));
    return wrapStream === undefined ? stream : wrapStream(stream);
  }

  // Failure.

  #failed(error: ClientError, wasConnected: boolean): void {
    this.#lastError = error;
    if (this.#fallsBack(error) || this.#isRedirected(error)) {
      this.#attempt -= 1;
      this.attemptNow();
      return;
    }
    this.#index += 1;
    const reconnect: ReconnectOptions = this.#options.reconnect === false ? {} : (this.#options.reconnect ?? {});
    const { attemptsMax = Number.POSITIVE_INFINITY } = reconnect;
    const roundOver = this.#attempt % this.#addresses.length === 0;
    const isOver =
      (reconnect.isFatal ?? isFatal)(error) ||
      this.#attempt >= attemptsMax ||
      (this.#options.reconnect === false && (this.#hasBeenConnected || roundOver)) ||
      (!this.#hasBeenConnected && !this.#retriesFirst && roundOver);
    if (isOver) {
      this.stop();
      this.#owner.disconnected(error, undefined, wasConnected);
      this.#owner.end(error);
      return;
    }
    // The other servers are asked at once; the delay is for those that have been asked.
    const isFirstRound = !wasConnected && !roundOver;
    const delayMs = isFirstRound ? 0 : this.#delayMs(reconnect);
    this.status = this.#hasBeenConnected ? "reconnecting" : "connecting";
    this.#delay = this.#environment.after(delayMs, attemptNow, this, true);
    this.#owner.disconnected(error, delayMs, wasConnected);
  }

  #delayMs(reconnect: ReconnectOptions): number {
    const round = Math.max(1, Math.ceil(this.#attempt / this.#addresses.length));
    return reconnectDelayMs(reconnect, round, this.#environment.random());
  }

  /** The server knows no 5.0, and nobody insists on it. */
  #fallsBack({ code, reasonCode }: ClientError): boolean {
    if (code !== "TIDINGS_CLIENT_CONNECT_REFUSED" || this.#version !== 5) return false;
    if (reasonCode !== 0x01 && reasonCode !== ReasonCode.UnsupportedProtocolVersion) return false;
    if (this.#options.protocolVersion !== undefined || this.#options.authentication !== undefined) return false;
    this.#version = 4;
    return true;
  }

  #isRedirected({ reasonCode, serverReference }: ClientError): boolean {
    if (this.#options.followRedirects !== true || serverReference === undefined) return false;
    const isForGood = reasonCode === ReasonCode.ServerMoved;
    if (!isForGood && reasonCode !== ReasonCode.UseAnotherServer) return false;
    if (this.#redirects >= REDIRECTS_MAX) return false;
    const target = redirectTarget(serverReference, this.#addresses[this.#index % this.#addresses.length]);
    if (target === undefined) return false;
    this.#redirects += 1;
    if (isForGood) {
      this.#addresses = [target];
      this.#index = 0;
    } else {
      this.#detour = target;
    }
    return true;
  }
}

function attemptNow(connector: Connector): void {
  connector.attemptNow();
}

function asClientError(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ClientError("TIDINGS_CLIENT_CONNECT_FAILED", message, { cause });
}
