/** MQTT over a Unix domain socket (or a named pipe on Windows, where files and stale ones do not exist). */
import { lstat, unlink } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import type { Listener } from "../listener.js";
import { TransportError } from "../transport-error.js";
import { bindToPath } from "./bind-server.js";
import { Gate } from "./gate.js";
import type { ListenerOptions, OnStream } from "./listen-options.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";

export interface ListenUnixOptions extends ListenerOptions {
  /** Of the socket file; about 100 bytes at most. Who may connect is decided by its directory's permissions. */
  readonly path: string;
}

/**
 * A socket file on which nobody answers is left over from a crash and is removed; a live one, or a file that is no
 * socket, rejects with `TIDINGS_ADDRESS_IN_USE`. `Listener.close()` removes the file.
 */
export async function listenUnix(options: ListenUnixOptions, onStream: OnStream): Promise<Listener> {
  try {
    return await listenOnce(options, onStream);
  } catch (error) {
    const inUse = error instanceof TransportError && error.code === "TIDINGS_ADDRESS_IN_USE";
    if (!inUse || !(await removeStaleSocket(options.path))) throw error;
    return listenOnce(options, onStream);
  }
}

function listenOnce(options: ListenUnixOptions, onStream: OnStream): Promise<Listener> {
  const lingerMs = options.lingerMs ?? LINGER_MS_DEFAULT;
  const gate = new Gate(options);
  const server = createServer((socket: Socket) => gate.pass(socket, accept));
  const accept = (socket: Socket): void => {
    onStream(new SocketStream(socket, { transport: "unix", address: options.path }, lingerMs));
  };
  return bindToPath(server, options.path, options);
}

async function removeStaleSocket(path: string): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  if (!file?.isSocket() || !(await refusesConnections(path))) return false;
  return unlink(path).then(
    () => true,
    () => false,
  );
}

function refusesConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    // Anything but a plain refusal (no permission, a full queue) may have somebody behind it.
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
