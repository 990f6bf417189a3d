/**
 * MQTT on a TCP server of your own: you decide which sockets become clients. Here one address may open three at most.
 *
 *     npx tsx -C @tidings/source examples/own-tcp-server.ts          listens on port 1883 until Ctrl-C
 *     npx tsx -C @tidings/source examples/own-tcp-server.ts --once   one round trip on a free port
 */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createBrokerServer } from "@tidings/broker/node";
import mqtt from "mqtt";

const CONNECTIONS_PER_ADDRESS_MAX = 3;
const runsOnce = process.argv.includes("--once");

const mqttServer = await createBrokerServer();
const connections = new Map<string, number>();

const tcpServer = createServer((socket) => {
  const address = socket.remoteAddress ?? "";
  const count = (connections.get(address) ?? 0) + 1;
  if (count > CONNECTIONS_PER_ADDRESS_MAX) {
    socket.destroy();
    return;
  }
  connections.set(address, count);
  socket.once("close", () => connections.set(address, connections.get(address)! - 1));
  mqttServer.acceptSocket(socket); // from here on the socket is the broker's
});

tcpServer.listen(runsOnce ? 0 : 1883, "127.0.0.1");
await once(tcpServer, "listening");
const url = `mqtt://127.0.0.1:${(tcpServer.address() as AddressInfo).port}`;
console.log(`listening on ${url}`);

if (runsOnce) {
  await roundTrip();
  await stop();
} else {
  process.once("SIGINT", stop);
}

async function roundTrip(): Promise<void> {
  const client = await mqtt.connectAsync(url);
  await client.subscribeAsync("hello/+");
  client.on("message", (topic, payload) => console.log(`${topic}: ${payload}`));
  await client.publishAsync("hello/tcp", "good news", { qos: 1 });
  await client.endAsync();
}

async function stop(): Promise<void> {
  tcpServer.close();
  await mqttServer.close(); // says goodbye to the clients
}
