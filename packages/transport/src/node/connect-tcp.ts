/** Connects over plain TCP. */
import { connect, type Socket } from "node:net";
import type { ByteStream } from "../byte-stream.js";
import { awaitSocket, type ConnectOptions } from "./await-connection.js";
import { connectThroughProxy, type ProxyUrl } from "./connect-through-proxy.js";
import { HandleStream, type HandleStreamOwner } from "./handle-stream.js";
import { peerInfoOfHandle } from "./peer-info-of-handle.js";
import { LINGER_MS_DEFAULT } from "./socket-stream.js";
import { hostAndPort } from "./stream-error.js";
import { streamFromSocket } from "./stream-from-socket.js";
import { type TcpInternals, takeHandle, tcpInternals } from "./tcp-handle.js";

export interface ConnectTcpOptions extends ConnectOptions {
  /** Default `localhost`. */
  readonly host?: string;
  /** Default 1883. */
  readonly port?: number;
  /** The address of this machine to connect from. Default: the system chooses. Not with a proxy. */
  readonly localAddress?: string;
  /** Send small writes at once (TCP_NODELAY). Default true. */
  readonly noDelay?: boolean;
  /** Idle time before the first TCP keep-alive probe, in milliseconds. Default: no probes; MQTT has its own Keep Alive. */
  readonly keepAliveInitialDelayMs?: number;
  /** As on the listening side, see `ListenTcpOptions.bareHandles`. Default true. */
  readonly bareHandles?: boolean;
  /** `socks5://user:password@host:port`, `http://…` or `https://…` (HTTP CONNECT): connects through that proxy. */
  readonly proxy?: ProxyUrl;
}

/** Rejects with a `TransportError` whose `code` says why. */
export async function connectTcp(options: ConnectTcpOptions): Promise<ByteStream> {
  const target = socketOptions(options, 1883);
  if (options.proxy !== undefined) {
    const tunnel = await connectThroughProxy(options.proxy, target.host, target.port, options);
    tunnel.setNoDelay(target.noDelay);
    return streamFromSocket(tunnel, "tcp", options);
  }
  const socket = connect(target);
  socket.pause(); // nothing may be read before it is known by whom
  const place = hostAndPort(target.host, target.port);
  const ready = (): ByteStream => streamFromHandleOf(socket, options) ?? streamFromSocket(socket, "tcp", options);
  return awaitSocket(socket, "connect", place, options, ready);
}

function streamFromHandleOf(socket: Socket, options: ConnectTcpOptions): ByteStream | undefined {
  const internals = (options.bareHandles ?? true) ? tcpInternals() : undefined;
  const handle = internals === undefined ? undefined : takeHandle(socket);
  if (internals === undefined || handle === undefined) return undefined;
  return new HandleStream(handle, peerInfoOfHandle(handle), ownerFor(internals, options.lingerMs));
}

/** Most streams have the default in common: one owner is enough for them. */
let defaultOwner: HandleStreamOwner | undefined;

function ownerFor(internals: TcpInternals, lingerMs: number | undefined): HandleStreamOwner {
  if (lingerMs !== undefined) return { internals, lingerMs, closed: () => {} };
  return (defaultOwner ??= { internals, lingerMs: LINGER_MS_DEFAULT, closed: () => {} });
}

export function socketOptions(options: ConnectTcpOptions, portDefault: number) {
  return {
    host: options.host ?? "localhost",
    port: options.port ?? portDefault,
    localAddress: options.localAddress,
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAliveInitialDelayMs !== undefined,
    keepAliveInitialDelay: options.keepAliveInitialDelayMs ?? 0,
  };
}
