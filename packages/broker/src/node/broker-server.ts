/**
 * A broker in Node: the core, driven by the event loop, with its listeners.
 */

import type { Socket } from "node:net";
import type { ByteStream, Listener } from "@tidings/transport";
import {
  createWebSocketUpgrade,
  type ListenTcpOptions,
  type ListenTlsOptions,
  type ListenUnixOptions,
  type ListenWebSocketOptions,
  listenTcp,
  listenTls,
  listenUnix,
  listenWebSocket,
  streamFromSocket,
  type WebSocketUpgrade,
  type WebSocketUpgradeOptions,
} from "@tidings/transport/node";
import { Broker } from "../broker.js";
import type { BrokerOptions } from "../broker-options.js";
import { type Scheduler, StreamHost } from "../stream-host.js";

export interface BrokerServer {
  readonly broker: Broker;
  /** Listeners opened so far and not closed. */
  readonly listeners: readonly Listener[];
  listenTcp(options: ListenTcpOptions): Promise<Listener>;
  listenTls(options: ListenTlsOptions): Promise<Listener>;
  listenWebSocket(options: ListenWebSocketOptions): Promise<Listener>;
  listenUnix(options: ListenUnixOptions): Promise<Listener>;
  /** For the `upgrade` event of an HTTP server of your own. */
  webSocketUpgrade(options?: WebSocketUpgradeOptions): WebSocketUpgrade;
  /** Serves a socket accepted by a TCP or TLS server of your own. */
  acceptSocket(socket: Socket): void;
  /** Serves any byte stream. */
  accept(stream: ByteStream): void;
  /** Closes the listeners, says goodbye to the clients (0x8B for 5.0), waits `graceMs` (default 2000) for them to go. */
  close(graceMs?: number): Promise<void>;
}

const nodeScheduler: Scheduler = {
  now: Date.now,
  // Runs behind the input of this turn and before the next wait for input.
  afterTurn: (task) => void setImmediate(task),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Makes a broker, and recovers what `options.store` holds before it takes anybody. */
export async function createBrokerServer(options: BrokerOptions = {}): Promise<BrokerServer> {
  const broker = new Broker(options);
  const host = new StreamHost(broker, nodeScheduler);
  const listeners: Listener[] = [];
  const onStream = (stream: ByteStream): void => void host.accept(stream);
  const opened = (listener: Listener): Listener => {
    listeners.push(listener);
    return listener;
  };
  await broker.recover(Date.now());
  return {
    broker,
    listeners,
    listenTcp: async (options) => opened(await listenTcp(options, onStream)),
    listenTls: async (options) => opened(await listenTls(options, onStream)),
    listenWebSocket: async (options) =>
      opened(await listenWebSocket({ maxPayloadBytes: 2 * broker.limits.maximumPacketSize, ...options }, onStream)),
    listenUnix: async (options) => opened(await listenUnix(options, onStream)),
    webSocketUpgrade: (options = {}) =>
      createWebSocketUpgrade({ maxPayloadBytes: 2 * broker.limits.maximumPacketSize, ...options }, onStream),
    acceptSocket: (socket) => onStream(streamFromSocket(socket)),
    accept: onStream,
    close: async (graceMs) => {
      await Promise.all(listeners.splice(0).map((listener) => listener.close()));
      await host.close(graceMs);
    },
  };
}
