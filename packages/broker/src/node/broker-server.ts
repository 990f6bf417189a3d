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
import { type ListenerFacts, mountPointProblem } from "../listener-facts.js";
import { type Scheduler, StreamHost } from "../stream-host.js";

export interface BrokerServer {
  readonly broker: Broker;
  /** Listeners opened so far and not closed. */
  readonly listeners: readonly Listener[];
  /** `facts` hold for every connection that comes through the listener; so below. */
  listenTcp(options: ListenTcpOptions, facts?: ListenerFacts): Promise<Listener>;
  listenTls(options: ListenTlsOptions, facts?: ListenerFacts): Promise<Listener>;
  listenWebSocket(options: ListenWebSocketOptions, facts?: ListenerFacts): Promise<Listener>;
  listenUnix(options: ListenUnixOptions, facts?: ListenerFacts): Promise<Listener>;
  /** Takes no more connections there; those it has accepted go on. Resolves when the address is free. */
  closeListener(listener: Listener): Promise<void>;
  /** For the `upgrade` event of an HTTP server of your own. */
  webSocketUpgrade(options?: WebSocketUpgradeOptions): WebSocketUpgrade;
  /** Serves a socket accepted by a TCP or TLS server of your own. */
  acceptSocket(socket: Socket, facts?: ListenerFacts): void;
  /** Serves any byte stream. */
  accept(stream: ByteStream, facts?: ListenerFacts): void;
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
  const onStreamOf = (facts: ListenerFacts | undefined) => {
    const problem = facts?.mountPoint === undefined ? undefined : mountPointProblem(facts.mountPoint);
    if (problem !== undefined) throw new RangeError(`The mount point "${facts?.mountPoint}" ${problem}.`);
    return (stream: ByteStream): void => void host.accept(stream, facts);
  };
  const opened = (listener: Listener): Listener => {
    listeners.push(listener);
    return listener;
  };
  await host.recover();
  return {
    broker,
    listeners,
    listenTcp: async (options, facts) => opened(await listenTcp(options, onStreamOf(facts))),
    listenTls: async (options, facts) => opened(await listenTls(options, onStreamOf(facts))),
    listenWebSocket: async (options, facts) => {
      const maximumPacketSize = facts?.limits?.maximumPacketSize ?? broker.limits.maximumPacketSize;
      return opened(await listenWebSocket({ maxPayloadBytes: 2 * maximumPacketSize, ...options }, onStreamOf(facts)));
    },
    listenUnix: async (options, facts) => opened(await listenUnix(options, onStreamOf(facts))),
    closeListener: (listener) => {
      const index = listeners.indexOf(listener);
      if (index >= 0) listeners.splice(index, 1);
      return listener.close();
    },
    webSocketUpgrade: (options = {}) =>
      createWebSocketUpgrade({ maxPayloadBytes: 2 * broker.limits.maximumPacketSize, ...options }, onStream),
    acceptSocket: (socket, facts) => onStreamOf(facts)(streamFromSocket(socket)),
    accept: (stream, facts) => onStreamOf(facts)(stream),
    close: async (graceMs) => {
      await Promise.all(listeners.splice(0).map((listener) => listener.close()));
      await host.close(graceMs);
    },
  };
}
