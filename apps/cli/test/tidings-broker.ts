/** The Tidings broker, in this process. */
import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";

const servers: BrokerServer[] = [];

/** Resolves with its port. `options` as of the broker. */
export async function startTidings(options: Parameters<typeof createBrokerServer>[0] = {}): Promise<number> {
  const server = await createBrokerServer(options);
  servers.push(server);
  const { address } = await server.listenTcp({ host: "127.0.0.1", port: 0 });
  if (!("port" in address)) throw new Error("not a TCP listener");
  return address.port;
}

/** For `afterAll`. */
export async function closeBrokers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}
