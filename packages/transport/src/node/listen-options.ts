/** What every listener on a port takes. */
import type { ByteStream } from "../byte-stream.js";
import type { TransportError } from "../transport-error.js";
import { hostAndPort } from "./stream-error.js";

/** Called once per accepted stream. Start it in that call or later: until then nothing is read beyond one chunk. */
export type OnStream = (stream: ByteStream) => void;

export interface ListenerOptions {
  /** Connections beyond it are closed unread, as soon as they are accepted. Default: no limit but the system's. */
  readonly maxConnections?: number;
  /** After `end()`, how long the peer has to take the last bytes and to close, in milliseconds. Default 2,000. */
  readonly lingerMs?: number;
  /** For logs and counters: a failed accept or handshake, which is no accepted stream's. The listener goes on. */
  readonly onError?: (error: TransportError) => void;
}

export interface PortOptions extends ListenerOptions {
  /** Address or name to bind. Default: every address of the machine, IPv6 and IPv4. */
  readonly host?: string;
  /** 0 lets the system choose; see `Listener.address`. */
  readonly port: number;
  /** Connections the kernel queues before they are accepted. Default 511; Linux caps it at `net.core.somaxconn`. */
  readonly backlog?: number;
  /** Send small writes at once (TCP_NODELAY). Default true. */
  readonly noDelay?: boolean;
  /** Idle time before the first TCP keep-alive probe, in milliseconds. Default: no probes; MQTT has its own Keep Alive. */
  readonly keepAliveInitialDelayMs?: number;
}

/** The part of `PortOptions` that goes to the constructor of a Node server. */
export function serverOptions(options: PortOptions) {
  return {
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAliveInitialDelayMs !== undefined,
    keepAliveInitialDelay: options.keepAliveInitialDelayMs ?? 0,
  };
}

/** How messages name the place. */
export function placeOfPort(options: PortOptions): string {
  return options.host === undefined ? `port ${options.port}` : hostAndPort(options.host, options.port);
}
