/** How clients are made, on any platform. */
import { Client } from "./client.js";
import type { ClientEnvironment } from "./client-environment.js";
import type { ConnectOptions } from "./connect-options.js";

const NO_OPTIONS: ConnectOptions = Object.freeze({});

/** Resolves with the first good CONNACK. */
export async function connectIn(
  environment: ClientEnvironment,
  url: string | readonly string[],
  options: ConnectOptions = NO_OPTIONS,
): Promise<Client> {
  const client = new Client(environment, url, options, options.retryFirstConnect ?? false);
  await client.connected;
  return client;
}

/** Connects in the background. */
export function createClientIn(
  environment: ClientEnvironment,
  url: string | readonly string[],
  options: ConnectOptions = NO_OPTIONS,
): Client {
  return new Client(environment, url, options, true);
}
