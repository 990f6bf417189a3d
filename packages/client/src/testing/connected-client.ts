/** A client that is connected to a server which a test plays. */
import type { Client } from "../client.js";
import type { ConnectOptions } from "../connect-options.js";
import { clientFactory } from "./client-factory.js";
import type { ServerConnection } from "./server-connection.js";
import { VirtualEnvironment } from "./virtual-environment.js";

export interface ConnectedClient {
  readonly client: Client;
  readonly environment: VirtualEnvironment;
  /** The connection; CONNECT is taken out of `received`. It answers everything until told otherwise. */
  readonly server: ServerConnection;
}

/** `play` is what each server connection does; by default it serves. */
export async function connectedClient(
  options: ConnectOptions = {},
  play: (server: ServerConnection) => void = (server) => void server.serve(),
  environment = new VirtualEnvironment(),
): Promise<ConnectedClient> {
  environment.onConnection = play;
  const connecting = clientFactory(environment).connect("mqtt://server", { keepAlive: 0, ...options });
  connecting.catch(() => {});
  await environment.settle();
  const client = await connecting;
  const server = environment.connection;
  server.take();
  return { client, environment, server };
}
