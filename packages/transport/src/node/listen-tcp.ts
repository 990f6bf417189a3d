/** MQTT over plain TCP. */
import { createServer, type Socket } from "node:net";
import type { Listener } from "../listener.js";
import { acceptHandles } from "./accept-handles.js";
import { bindToPort } from "./bind-server.js";
import { type OnStream, type PortOptions, serverOptions } from "./listen-options.js";
import { peerInfoOfSocket } from "./peer-info-of-socket.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";
import { tcpInternals } from "./tcp-handle.js";

export interface ListenTcpOptions extends PortOptions {
  /**
   * Serve connections on their bare handles, without a `net.Socket` each: less memory and less time per read and write, on
   * internals of Node that are tested for; where they are missing, silently on sockets. The bytes of `onBytes` are then
   * in a buffer that the next read overwrites. Default true; docs/decisions/0002-tcp-handles.md has the figures.
   */
  readonly bareHandles?: boolean;
}

/** Rejects with a `TransportError` whose `code` says why: in use, not available, denied. */
export function listenTcp(options: ListenTcpOptions, onStream: OnStream): Promise<Listener> {
  const lingerMs = options.lingerMs ?? LINGER_MS_DEFAULT;
  const server = createServer(serverOptions(options), (socket: Socket) => {
    onStream(new SocketStream(socket, peerInfoOfSocket(socket, "tcp"), lingerMs));
  });
  const internals = (options.bareHandles ?? true) ? tcpInternals() : undefined;
  // Before the first connection can come: it would be a socket.
  if (internals !== undefined) server.once("listening", () => acceptHandles(server, internals, options, onStream));
  return bindToPort(server, options, "mqtt");
}
