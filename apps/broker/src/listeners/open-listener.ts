/** Opens one listener as its section says. */
import { resolve } from "node:path";
import type { ListenerFacts } from "@tidings/broker";
import type { BrokerServer } from "@tidings/broker/node";
import type { Listener } from "@tidings/transport";
import type { ListenerOptions } from "@tidings/transport/node";
import { HOST_DEFAULT } from "../config/check-whole.js";
import type { ListenerConfiguration } from "../config/listener-schema.js";
import { serveWebClient } from "../serve-web-client.js";
import type { PlannedListener } from "./listener-set.js";

export interface Opened {
  readonly listener: Listener;
  readonly webClientUrl: string | undefined;
}

/** Rejects with a `TransportError`. */
export async function openListener(
  server: BrokerServer,
  { configuration, directory, tls }: PlannedListener,
  facts: ListenerFacts,
  doors: Pick<ListenerOptions, "admits" | "onError">,
): Promise<Opened> {
  const common = { ...doors, maxConnections: configuration.connectionsMax, lingerMs: configuration.lingerMs };
  if (configuration.type === "unix") {
    const path = resolve(directory, configuration.path);
    return { listener: await server.listenUnix({ ...common, path }, facts), webClientUrl: undefined };
  }
  const onPort = { ...common, ...portOptions(configuration) };
  if (configuration.type === "tcp") {
    const { bareHandles } = configuration;
    return { listener: await server.listenTcp({ ...onPort, bareHandles }, facts), webClientUrl: undefined };
  }
  const { handshakeTimeoutMs } = configuration;
  if (configuration.type === "tls") {
    const options = { ...onPort, tls: tls!.options, handshakeTimeoutMs };
    return { listener: await server.listenTls(options, facts), webClientUrl: undefined };
  }
  const { path, origins, trustedProxies, webClient } = configuration;
  const onRequest = webClient === true ? serveWebClient() : undefined;
  const webSocket = { path, origins, trustedProxies, handshakeTimeoutMs, onRequest, tls: tls?.options };
  const listener = await server.listenWebSocket({ ...onPort, ...webSocket }, facts);
  return { listener, webClientUrl: onRequest && pageUrl(listener) };
}

function portOptions(configuration: Exclude<ListenerConfiguration, { type: "unix" }>) {
  const { host = HOST_DEFAULT, port, backlog, noDelay, tcpKeepAliveMs, proxyProtocol } = configuration;
  return { host, port, backlog, noDelay, keepAliveInitialDelayMs: tcpKeepAliveMs, proxyProtocol };
}

/** The same port, by HTTP, from this machine. */
function pageUrl({ url }: Listener): string {
  const page = new URL("/", url);
  page.protocol = page.protocol === "wss:" ? "https:" : "http:";
  if (page.hostname === "0.0.0.0") page.hostname = "127.0.0.1";
  if (page.hostname === "[::]") page.hostname = "[::1]";
  return page.href;
}
