/** What a client needs of its platform: a clock, timers, chance, and streams. Node, browsers and tests each have theirs. */
import type { ByteStream } from "@tidings/transport";
import type { ServerAddress } from "./server-address.js";

/** What `after` answers with: the platform's own. */
export type Timer = object | number;

export interface ClientEnvironment {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` with `of` soon: when what runs now is done, before the next wait for input. */
  afterTurn<T>(task: (of: T) => void, of: T): void;
  /** Runs `task` with `of` after `delayMs`, unless `cancel` is called before. `keepsAlive`: the process must not end meanwhile. */
  after<T>(delayMs: number, task: (of: T) => void, of: T, keepsAlive: boolean): Timer;
  cancel(timer: Timer): void;
  /** 0 to 1, 1 excluded. */
  random(): number;
  /** Opens a stream, or rejects with a `TransportError`. */
  open(address: ServerAddress, options: OpenOptions): Promise<ByteStream>;
}

/** How a stream is opened. */
export interface OpenOptions {
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Options of Node's `tls.connect`; browsers have none. */
  readonly tls?: object;
  /** `socks5://…` or `http://…`; Node only. */
  readonly proxy?: string;
  /** The address to connect from; Node only. */
  readonly localAddress?: string;
  /** Of the WebSocket upgrade; Node only. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Offered to a WebSocket server. */
  readonly subprotocol: string;
}
