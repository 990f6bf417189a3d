/** A bare byte stream to the server, for `check`, which speaks to it below the client. */
import type { ByteStream } from "@tidings/transport";
import { connectTcp, connectTls, connectUnix, connectWebSocket } from "@tidings/transport/node";
import { type ConnectionSettings, connectionUrl } from "./connection-settings.js";
import { loadTls } from "./load-tls.js";

/** Rejects with a `TransportError`. */
export function openStream(settings: ConnectionSettings): Promise<ByteStream> {
  const { scheme, host, port, path = "", connectTimeoutMs, headers, proxy, bindAddress: localAddress } = settings;
  switch (scheme) {
    case "mqtt":
      return connectTcp({ host, port, connectTimeoutMs, proxy, localAddress });
    case "mqtts":
      return connectTls({ host, port, connectTimeoutMs, proxy, localAddress, tls: loadTls(settings.tls) });
    case "unix":
      return connectUnix({ path, connectTimeoutMs });
    case "ws":
    case "wss":
      return connectWebSocket({
        url: connectionUrl(settings),
        ...{ headers, connectTimeoutMs, proxy },
        tls: scheme === "wss" ? loadTls(settings.tls) : undefined,
      });
  }
}
