/** Opens the listeners that the command line asks for. */
import type { BrokerServer } from "@tidings/broker/node";
import { type Listener, TransportError } from "@tidings/transport";
import type { Logger } from "./logger.js";
import type { BrokerArguments } from "./parse-arguments.js";
import { serveWebClient } from "./serve-web-client.js";

/** Rejects with an error whose message is one line for the user: what, where, what to do. */
export async function listen(server: BrokerServer, options: BrokerArguments, logger: Logger): Promise<Listeners> {
  const { host, port, webSocketPort } = options;
  const onError = (error: TransportError) => logger.debug({ reason: error.message }, "connection refused");
  const listeners = [await server.listenTcp({ host, port, onError }).catch(advise("--port or --host"))];
  if (webSocketPort === undefined) return { listeners, webClientUrl: undefined };
  const onRequest = options.webClient ? serveWebClient() : undefined;
  const opening = server.listenWebSocket({ host, port: webSocketPort, onError, onRequest });
  const listener = await opening.catch(advise("--ws-port, --no-ws or --host"));
  return { listeners: [...listeners, listener], webClientUrl: onRequest && pageUrl(listener) };
}

export interface Listeners {
  readonly listeners: readonly Listener[];
  /** Undefined: there is none. */
  readonly webClientUrl: string | undefined;
}

/** The same port, by HTTP, from this machine. */
function pageUrl({ url }: Listener): string {
  const page = new URL("/", url);
  page.protocol = "http:";
  if (page.hostname === "0.0.0.0") page.hostname = "127.0.0.1";
  if (page.hostname === "[::]") page.hostname = "[::1]";
  return page.href;
}

function advise(flags: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof TransportError) throw new ListenFailure(`${error.message} See ${flags}.`);
    throw error;
  };
}

/** The user can do something about it; a stack would tell nothing. */
export class ListenFailure extends Error {}
