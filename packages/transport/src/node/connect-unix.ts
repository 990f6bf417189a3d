/** Connects to a Unix domain socket. */
import { connect } from "node:net";
import type { ByteStream } from "../byte-stream.js";
import { awaitSocket, type ConnectOptions } from "./await-connection.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";

export interface ConnectUnixOptions extends ConnectOptions {
  /** Of the socket file. */
  readonly path: string;
}

/** Rejects with a `TransportError` whose `code` says why. */
export function connectUnix(options: ConnectUnixOptions): Promise<ByteStream> {
  const socket = connect({ path: options.path });
  return awaitSocket(socket, "connect", options.path, options, () => {
    const peer = { transport: "unix", address: options.path } as const;
    return new SocketStream(socket, peer, options.lingerMs ?? LINGER_MS_DEFAULT);
  });
}
