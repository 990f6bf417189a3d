/** What a client uses of Node, Bun and Deno. */
import type { ConnectionOptions } from "node:tls";
import { connectTcp, connectTls, connectUnix, connectWebSocket } from "@tidings/transport/node";
import type { ClientEnvironment } from "../client-environment.js";

export const nodeEnvironment: ClientEnvironment = {
  now: Date.now,
  // Runs behind the input of this turn and before the next wait for input.
  afterTurn: (task, of) => void setImmediate(task, of),
  after: (delayMs, task, of, keepsAlive) => {
    const timer = setTimeout(task, delayMs, of);
    if (!keepsAlive) timer.unref();
    return timer;
  },
  cancel: (timer) => clearTimeout(timer as NodeJS.Timeout),
  random: Math.random,
  open: (address, { connectTimeoutMs, signal, tls, proxy, localAddress, headers, subprotocol }) => {
    const { transport, host, port, path, url } = address;
    const common = { connectTimeoutMs, signal };
    switch (transport) {
      case "tcp":
        return connectTcp({ ...common, host, port, proxy, localAddress });
      case "tls":
        return connectTls({ ...common, host, port, proxy, localAddress, tls: tls as ConnectionOptions });
      case "unix":
        return connectUnix({ ...common, path });
      default:
        return connectWebSocket({
          ...common,
          url,
          headers,
          proxy,
          // The WebSocket library hands all of these to the socket.
          tls: { ...tls, ...(localAddress !== undefined && { localAddress }) } as ConnectionOptions,
          subprotocols: [subprotocol],
          maxPayloadBytes: WEB_SOCKET_MESSAGE_BYTES_MAX,
        });
    }
  },
};

/** Longest WebSocket message accepted. MQTT's own limit is the option `maximumPacketSize`. */
const WEB_SOCKET_MESSAGE_BYTES_MAX = 268_435_456;
