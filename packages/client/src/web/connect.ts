/** Clients in browsers and workers: WebSocket. */
import type { Client } from "../client.js";
import { type ClientPool, connectAll, type PoolOptions } from "../client-pool.js";
import { connectIn, createClientIn } from "../connect.js";
import type { ConnectOptions } from "../connect-options.js";
import { webEnvironment } from "./web-environment.js";

/**
 * Connects to a server, or to the first of several that can be reached. Resolves with the first good CONNACK. Rejects with a
 * `ClientError` when no server can be reached (see `retryFirstConnect`) or one refuses for good.
 */
export function connect(url: string | readonly string[], options?: ConnectOptions): Promise<Client> {
  return connectIn(webEnvironment, url, options);
}

/**
 * A client at once, which connects in the background and goes on trying. What is published and subscribed meanwhile waits.
 * Throws a `ClientError` for options that make no sense.
 */
export function createClient(url: string | readonly string[], options?: ConnectOptions): Client {
  return createClientIn(webEnvironment, url, options);
}

/** Several connections that look like one: `size` of them, each as `connect` makes it. */
export function connectPool(url: string | readonly string[], options: PoolOptions): Promise<ClientPool> {
  return connectAll(connect, url, options);
}
