/** Clients on a platform that a test brings. */
import type { Client } from "../client.js";
import type { ClientEnvironment } from "../client-environment.js";
import { type ClientPool, connectAll, type PoolOptions } from "../client-pool.js";
import { connectIn, createClientIn } from "../connect.js";
import type { ConnectOptions } from "../connect-options.js";

/** What the package's own entries have, bound to their platform. */
export interface ClientFactory {
  connect(url: string | readonly string[], options?: ConnectOptions): Promise<Client>;
  createClient(url: string | readonly string[], options?: ConnectOptions): Client;
  connectPool(url: string | readonly string[], options: PoolOptions): Promise<ClientPool>;
}

export function clientFactory(environment: ClientEnvironment): ClientFactory {
  const connect: ClientFactory["connect"] = (url, options) => connectIn(environment, url, options);
  return {
    connect,
    createClient: (url, options) => createClientIn(environment, url, options),
    connectPool: (url, options) => connectAll(connect, url, options),
  };
}
