/** A WebSocket that the program made itself, with the option `createWebsocket`: of the browser's kind, as that of `ws` is. */
import type { ByteStream } from "@tidings/transport";
import { connectWebSocket, type GlobalWebSocket } from "@tidings/transport/web";

interface Options {
  readonly url: string;
  readonly subprotocol: string;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly create: (url: string, subprotocols: string[]) => unknown;
}

/** Resolves when it is open. */
export function openProgramWebSocket(options: Options): Promise<ByteStream> {
  const { url, subprotocol, connectTimeoutMs, signal, create } = options;
  class ProgramWebSocket extends AnySubprotocol {
    constructor(url: string, subprotocols: string[]) {
      super(create(url, subprotocols) as GlobalWebSocket, subprotocol);
    }
  }
  return connectWebSocket({ url, subprotocols: [subprotocol], connectTimeoutMs, signal, WebSocket: ProgramWebSocket });
}

/** Which subprotocol is spoken is the program's business. */
class AnySubprotocol implements GlobalWebSocket {
  readonly #socket: GlobalWebSocket;

  constructor(
    socket: GlobalWebSocket,
    readonly protocol: string,
  ) {
    this.#socket = socket;
  }

  get binaryType(): string {
    return this.#socket.binaryType;
  }
  set binaryType(type: string) {
    this.#socket.binaryType = type;
  }
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }
  get readyState(): number {
    return this.#socket.readyState;
  }
  get onopen(): GlobalWebSocket["onopen"] {
    return this.#socket.onopen;
  }
  set onopen(listener: GlobalWebSocket["onopen"]) {
    this.#socket.onopen = listener;
  }
  get onmessage(): GlobalWebSocket["onmessage"] {
    return this.#socket.onmessage;
  }
  set onmessage(listener: GlobalWebSocket["onmessage"]) {
    this.#socket.onmessage = listener;
  }
  get onerror(): GlobalWebSocket["onerror"] {
    return this.#socket.onerror;
  }
  set onerror(listener: GlobalWebSocket["onerror"]) {
    this.#socket.onerror = listener;
  }
  get onclose(): GlobalWebSocket["onclose"] {
    return this.#socket.onclose;
  }
  set onclose(listener: GlobalWebSocket["onclose"]) {
    this.#socket.onclose = listener;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }
  close(code?: number): void {
    this.#socket.close(code);
  }
}
