/** Opens the listeners that the command line asks for. */
import type { BrokerServer } from "@tidings/broker/node";
import { type Listener, TransportError } from "@tidings/transport";
import type { Logger } from "./logger.js";
import type { BrokerArguments } from "./parse-arguments.js";

/** Rejects with an error whose message is one line for the user: what, where, what to do. */
export async function listen(server: BrokerServer, options: BrokerArguments, logger: Logger): Promise<Listener[]> {
  const { host, port, webSocketPort } = options;
  const onError = (error: TransportError) => logger.debug({ reason: error.message }, "connection refused");
  const listeners = [await server.listenTcp({ host, port, onError }).catch(advise("--port or --host"))];
  if (webSocketPort !== undefined) {
    const listener = server.listenWebSocket({ host, port: webSocketPort, onError });
    listeners.push(await listener.catch(advise("--ws-port, --no-ws or --host")));
  }
  return listeners;
}

function advise(flags: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof TransportError) throw new ListenFailure(`${error.message} See ${flags}.`);
    throw error;
  };
}

/** The user can do something about it; a stack would tell nothing. */
export class ListenFailure extends Error {}
