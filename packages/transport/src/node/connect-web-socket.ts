/** Connects over WebSocket, plain (`ws:`) or over TLS (`wss:`). */
import { isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { type ClientOptions, WebSocket } from "ws";
import type { ByteStream } from "../byte-stream.js";
import { TransportError } from "../transport-error.js";
import { awaitConnection, type ConnectOptions } from "./await-connection.js";
import { connectThroughProxy, type ProxyUrl } from "./connect-through-proxy.js";
import { LINGER_MS_DEFAULT } from "./socket-stream.js";
import { webSocketStream } from "./stream-from-web-socket.js";
import { WEB_SOCKET_MAX_PAYLOAD_BYTES_DEFAULT } from "./web-socket-upgrade.js";

export interface ConnectWebSocketOptions extends ConnectOptions {
  /** For example `ws://localhost:8083/mqtt`. */
  readonly url: string;
  /** Subprotocols to offer. Default `["mqtt"]`, as the standard demands; 3.1 servers of old want `mqttv3.1`. */
  readonly subprotocols?: readonly string[];
  /** Additional headers of the upgrade request: authorization, cookies, origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Longest WebSocket message accepted, in bytes. Default 1 MiB. */
  readonly maxPayloadBytes?: number;
  /** Handed to `tls.connect` as they are, for `wss:`. */
  readonly tls?: ConnectionOptions;
  /** As for `connectTcp`. */
  readonly proxy?: ProxyUrl;
}

const SUBPROTOCOLS_DEFAULT = ["mqtt"]; // [MQTT-6.0.0-3]

/** Rejects with a `TransportError` whose `code` says why. */
export async function connectWebSocket(options: ConnectWebSocketOptions): Promise<ByteStream> {
  const { url, proxy } = options;
  const tunnel = proxy && (await tunnelTo(url, proxy, options));
  // The types of `ws` lag behind: closeTimeout is missing, checkServerIdentity differs from Node's.
  const clientOptions = {
    ...options.tls,
    headers: { ...options.headers },
    perMessageDeflate: false,
    maxPayload: options.maxPayloadBytes ?? WEB_SOCKET_MAX_PAYLOAD_BYTES_DEFAULT,
    closeTimeout: options.lingerMs ?? LINGER_MS_DEFAULT,
    ...(tunnel && { createConnection: () => flowing(tunnel) }),
  } as unknown as ClientOptions;
  let webSocket: WebSocket;
  try {
    webSocket = new WebSocket(url, [...(options.subprotocols ?? SUBPROTOCOLS_DEFAULT)], clientOptions);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new TransportError("TIDINGS_CONNECT_FAILED", `Cannot connect to ${url}: ${reason}. Check the URL.`, cause);
  }
  let socket: Socket | undefined;
  webSocket.once("upgrade", (response) => {
    socket = response.socket ?? undefined; // Bun has its own `ws`, and no socket beneath it
  });
  const ready = (): ByteStream => webSocketStream(webSocket, socket, undefined, options);
  return awaitConnection(webSocket, "open", url, options, ready, () => webSocket.terminate()).catch(handshakeFailed);

  function handshakeFailed(error: TransportError): never {
    if (error.code !== "TIDINGS_CONNECT_FAILED" || (error.cause as NodeJS.ErrnoException)?.code !== undefined)
      throw error;
    throw new TransportError(
      "TIDINGS_WEBSOCKET_HANDSHAKE",
      `${error.message}. Check the path and that it is MQTT.`,
      error.cause,
    );
  }
}

/** The HTTP client listens to a socket from the next tick on, and does not resume one that was paused. */
function flowing(socket: Socket): Socket {
  setImmediate(() => socket.resume());
  return socket;
}

/** The socket that leads to the server of `url`; TLS begins with the first write. */
async function tunnelTo(url: string, proxy: ProxyUrl, options: ConnectWebSocketOptions): Promise<Socket> {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === "wss:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = await connectThroughProxy(proxy, host, port === "" ? (isTls ? 443 : 80) : Number(port), options);
  return isTls ? connectTls({ servername: isIP(host) ? "" : host, ...options.tls, socket }) : socket;
}
