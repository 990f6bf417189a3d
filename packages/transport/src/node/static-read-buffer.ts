/**
 * Reads every accepted socket of a thread through one buffer instead of a fresh 64 KiB chunk per read. Node offers it as
 * `onread`, but only to sockets that the program constructs, so the accepted handle has to move into a new socket. That
 * needs fields Node does not document: each is tested for, and where one is missing the plain socket is used.
 * Figures and verdict: docs/decisions/0002-static-read-buffer.md.
 */
import { Socket } from "node:net";

/** One for all streams of the thread: a read ends before the next one begins. Costs 64 KiB. */
const READ_BUFFER_BYTES = 65_536;
let sharedReadBuffer: Uint8Array | undefined;

interface Handle {
  useUserBuffer?: unknown;
  reading?: boolean;
}

interface AcceptedSocket {
  _handle?: Handle | null;
  _server?: unknown;
  server?: unknown;
}

export type OnRead = (bytes: Uint8Array, end: number) => void;

/**
 * Moves the connection of `accepted`, which must come from a server with `pauseOnConnect`, into a new paused socket that
 * calls `onRead`. Returns undefined, and leaves `accepted` as it is, where this Node cannot do it.
 */
export function moveToStaticReadBuffer(accepted: Socket, onRead: OnRead): Socket | undefined {
  const from = accepted as unknown as AcceptedSocket;
  const handle = from._handle;
  if (handle === undefined || handle === null || typeof handle.useUserBuffer !== "function") return undefined;
  if (!("_server" in from) || !("server" in from) || handle.reading !== false) return undefined;
  sharedReadBuffer ??= new Uint8Array(READ_BUFFER_BYTES);
  const options = {
    handle,
    allowHalfOpen: false,
    pauseOnCreate: true,
    readable: true,
    writable: true,
    onread: {
      buffer: sharedReadBuffer,
      callback: (byteCount: number, buffer: Uint8Array) => {
        onRead(buffer, byteCount);
        return true;
      },
    },
  };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  const to = socket as unknown as AcceptedSocket;
  // The server counts connections by this field when they close.
  to.server = from.server;
  to._server = from._server;
  from._handle = null;
  from._server = null;
  return socket;
}
