/** Streams that the program makes itself: a stream builder of `new MqttClient`, and the option `createWebsocket`. */
import type { ConnectOptions } from "@tidings/client";
import type { IClientOptions } from "./client-options.js";
import { type DuplexLike, DuplexStream } from "./duplex-stream.js";
import type { MqttClient } from "./mqtt-client.js";
import { openProgramWebSocket } from "./program-web-socket.js";

/** Makes a Duplex for each attempt to connect; it need not be connected yet. */
export type StreamBuilder = (client: MqttClient, options?: IClientOptions) => DuplexLike;

/** Undefined: the client opens its streams itself. */
export function openStreams(
  mqttClient: MqttClient,
  builder: StreamBuilder | undefined,
  options: IClientOptions,
): ConnectOptions["openStream"] {
  if (builder !== undefined) return async () => new DuplexStream(builder(mqttClient, options));
  const { createWebsocket } = options;
  if (createWebsocket === undefined) return undefined;
  return (url, { subprotocol, connectTimeoutMs, signal }) => {
    if (!/^wss?:/.test(url)) return undefined;
    const create = (to: string, subprotocols: string[]): unknown => createWebsocket(to, subprotocols, options);
    return openProgramWebSocket({ url, subprotocol, connectTimeoutMs, signal, create });
  };
}
