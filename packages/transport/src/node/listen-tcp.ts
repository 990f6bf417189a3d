/** MQTT over plain TCP. */
import { createServer, type Socket } from "node:net";
import type { Listener } from "../listener.js";
import { bindToPort } from "./bind-server.js";
import { type OnStream, type PortOptions, serverOptions } from "./listen-options.js";
import { peerInfoOfSocket } from "./peer-info-of-socket.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";
import { moveToStaticReadBuffer } from "./static-read-buffer.js";

export interface ListenTcpOptions extends PortOptions {
  /**
   * Read all streams through one 64 KiB buffer, overwritten by the next read; where this Node cannot do it, silently as
   * without. Default false; docs/decisions/0002-static-read-buffer.md has the figures.
   */
  readonly staticReadBuffer?: boolean;
}

/** Rejects with a `TransportError` whose `code` says why: in use, not available, denied. */
export function listenTcp(options: ListenTcpOptions, onStream: OnStream): Promise<Listener> {
  const lingerMs = options.lingerMs ?? LINGER_MS_DEFAULT;
  const staticReadBuffer = options.staticReadBuffer ?? false;
  const server = createServer({ ...serverOptions(options), pauseOnConnect: staticReadBuffer }, (socket: Socket) => {
    onStream(
      staticReadBuffer
        ? streamWithStaticReadBuffer(socket, lingerMs)
        : new SocketStream(socket, peerInfoOfSocket(socket, "tcp"), lingerMs),
    );
  });
  return bindToPort(server, options, "mqtt");
}

function streamWithStaticReadBuffer(accepted: Socket, lingerMs: number): SocketStream {
  let stream: SocketStream | undefined;
  const moved = moveToStaticReadBuffer(accepted, (bytes, end) => stream?.receive(bytes, end));
  const socket = moved ?? accepted;
  stream = new SocketStream(socket, peerInfoOfSocket(socket, "tcp"), lingerMs, moved !== undefined);
  return stream;
}
