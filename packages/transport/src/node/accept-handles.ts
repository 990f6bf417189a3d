/**
 * Takes the connections of a listening server as handles, before Node makes a socket of each. The server keeps its
 * address, its errors and its end; it does not know the connections.
 */
import type { Server } from "node:net";
import { getSystemErrorName } from "node:util";
import { HandleStream } from "./handle-stream.js";
import { acceptError } from "./listen-error.js";
import type { OnStream, PortOptions } from "./listen-options.js";
import { placeOfPort } from "./listen-options.js";
import { peerInfoOfHandle } from "./peer-info-of-handle.js";
import { LINGER_MS_DEFAULT } from "./socket-stream.js";
import { listeningHandle, type TcpInternals } from "./tcp-handle.js";

/** False: this server has no handle of the expected kind, and goes on making sockets. */
export function acceptHandles(
  server: Server,
  internals: TcpInternals,
  options: PortOptions,
  onStream: OnStream,
): boolean {
  const listening = listeningHandle(server);
  if (listening === undefined) return false;
  const { maxConnections = Number.POSITIVE_INFINITY, noDelay = true, keepAliveInitialDelayMs } = options;
  let connections = 0;
  const owner = {
    internals,
    lingerMs: options.lingerMs ?? LINGER_MS_DEFAULT,
    closed: () => {
      connections -= 1;
    },
  };
  listening.onconnection = (status, handle) => {
    if (status < 0 || handle === undefined) {
      options.onError?.(acceptError(new Error(`accept ${getSystemErrorName(status)}`), placeOfPort(options)));
      return;
    }
    if (connections >= maxConnections) {
      handle.close(() => {});
      return;
    }
    connections += 1;
    if (noDelay) handle.setNoDelay(true);
    if (keepAliveInitialDelayMs !== undefined) handle.setKeepAlive(true, Math.floor(keepAliveInitialDelayMs / 1000));
    onStream(new HandleStream(handle, peerInfoOfHandle(handle), owner));
  };
  return true;
}
