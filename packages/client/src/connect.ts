/** How clients are made, on any platform. */
import { Client } from "./client.js";
import type { ClientEnvironment } from "./client-environment.js";
import { type ClientPool, connectAll, type PoolOptions } from "./client-pool.js";
import type { ConnectOptions } from "./connect-options.js";

/** The two ways to a client, bound to a platform. */
export interface ClientFactory {
  /**
   * Connects to a server, or to the first of several that can be reached. Resolves with the first good CONNACK. Rejects
   * with a `ClientError` when no server can be reached (see `retryFirstConnect`) or one refuses for good.
   */
  connect(url: string | readonly string[], options?: ConnectOptions): Promise<Client>;
  /**
   * A client at once, which connects in the background and goes on trying. What is published and subscribed meanwhile
   * waits. Throws a `ClientError` for options that make no sense.
   */
  createClient(url: string | readonly string[], options?: ConnectOptions): Client;
  /** Several connections that look like one: `size` of them, each as `connect` makes it. */
  connectPool(url: string | readonly string[], options: PoolOptions): Promise<ClientPool>;
}

export function clientFactory(environment: ClientEnvironment): ClientFactory {
  const connect: ClientFactory["connect"] = async (url, options = {}) => {
    const client = new Client(environment, url, options, options.retryFirstConnect ?? false);
    await client.connected;
    return client;
  };
  return {
    connect,
    connectPool: (url, options) => connectAll({ connect }, url, options),
    createClient: (url, options = {}) => new Client(environment, url, options, true),
  };
}
