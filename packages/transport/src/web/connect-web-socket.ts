/** Connects over the platform's own WebSocket: in browsers, workers, Deno, Bun and Node 22. */
import type { ByteStream } from "../byte-stream.js";
import { TransportError } from "../transport-error.js";
import type { GlobalWebSocket } from "./global-web-socket.js";
import { GlobalWebSocketStream } from "./global-web-socket-stream.js";

export interface ConnectWebSocketOptions {
  /** For example `wss://broker.example/mqtt`. */
  readonly url: string;
  /** Subprotocols to offer. Default `["mqtt"]`, as the standard demands; 3.1 servers of old want `mqttv3.1`. */
  readonly subprotocols?: readonly string[];
  /** Until the stream is ready, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Gives up connecting; afterwards it has no effect on the stream. */
  readonly signal?: AbortSignal;
  /** Default: the global one. */
  readonly WebSocket?: new (
    url: string,
    protocols: string[],
  ) => GlobalWebSocket;
}

interface GlobalScope {
  readonly WebSocket?: ConnectWebSocketOptions["WebSocket"];
}

const CONNECT_TIMEOUT_MS_DEFAULT = 10_000;
const SUBPROTOCOLS_DEFAULT = ["mqtt"]; // [MQTT-6.0.0-3]

/** Rejects with a `TransportError` whose `code` says why; browsers do not tell why a connection failed. */
export function connectWebSocket(options: ConnectWebSocketOptions): Promise<ByteStream> {
  const { url, signal, connectTimeoutMs = CONNECT_TIMEOUT_MS_DEFAULT } = options;
  const subprotocols = [...(options.subprotocols ?? SUBPROTOCOLS_DEFAULT)];
  return new Promise((resolve, reject) => {
    const WebSocket = options.WebSocket ?? (globalThis as unknown as GlobalScope).WebSocket;
    if (WebSocket === undefined) {
      throw new TransportError("TIDINGS_CONNECT_FAILED", "This platform has no WebSocket.");
    }
    let webSocket: GlobalWebSocket;
    try {
      webSocket = new WebSocket(url, subprotocols);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new TransportError("TIDINGS_CONNECT_FAILED", `Cannot connect to ${url}: ${reason}.`, cause);
    }
    webSocket.binaryType = "arraybuffer";
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: TransportError): void => {
      settle();
      webSocket.onopen = null;
      webSocket.onclose = null;
      webSocket.close();
      reject(error);
    };
    const onAbort = (): void =>
      fail(new TransportError("TIDINGS_CONNECT_ABORTED", `Connecting to ${url} was aborted.`, signal?.reason));
    const timer = setTimeout(
      () => fail(new TransportError("TIDINGS_CONNECT_TIMEOUT", `${url} did not answer within ${connectTimeoutMs} ms.`)),
      connectTimeoutMs,
    );
    webSocket.onerror = () => {}; // 'close' follows
    webSocket.onclose = () =>
      fail(
        new TransportError(
          "TIDINGS_CONNECT_FAILED",
          `Cannot connect to ${url}: nobody listens there, or it is no MQTT server.`,
        ),
      );
    webSocket.onopen = () => {
      if (!subprotocols.includes(webSocket.protocol)) {
        const message = `${url} is no MQTT server: it does not speak its subprotocol.`;
        fail(new TransportError("TIDINGS_WEBSOCKET_HANDSHAKE", message));
        return;
      }
      settle();
      resolve(new GlobalWebSocketStream(webSocket, url));
    };
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
  });
}
