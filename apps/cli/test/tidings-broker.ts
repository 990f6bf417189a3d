/** The Tidings broker, in this process. */

import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import type { Listener } from "@tidings/transport";

const servers: BrokerServer[] = [];

export type BrokerOptions = Parameters<typeof createBrokerServer>[0];

/** Not listening yet. `options` as of the broker. */
export async function createTidings(options: BrokerOptions = {}): Promise<BrokerServer> {
  const server = await createBrokerServer(options);
  servers.push(server);
  return server;
}

/** Resolves with its port. */
export async function startTidings(options: BrokerOptions = {}): Promise<number> {
  const server = await createTidings(options);
  return portOf(await server.listenTcp({ host: "127.0.0.1", port: 0 }));
}

export function portOf({ address }: Pick<Listener, "address">): number {
  if (!("port" in address)) throw new Error("It listens on no port.");
  return address.port;
}

/** For `afterAll`. */
export async function closeBrokers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}
