/**
 * MQTT over WebSocket on the port of an HTTP server that you have anyway: GET / is a page, GET /clients is JSON, /mqtt is
 * the broker. The page of a browser and MQTT.js connect to the same URL.
 *
 *     npx tsx -C @tidings/source examples/http-server.ts          listens on port 8080 until Ctrl-C
 *     npx tsx -C @tidings/source examples/http-server.ts --once   one round trip on a free port
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createBrokerServer } from "@tidings/broker/node";
import mqtt from "mqtt";

const runsOnce = process.argv.includes("--once");
const mqttServer = await createBrokerServer();
const upgrade = mqttServer.webSocketUpgrade({ path: "/mqtt" });

const httpServer = createServer((request, response) => {
  if (request.url === "/clients") {
    const clients = [...mqttServer.broker.clients()].map(({ clientIdentifier }) => clientIdentifier);
    response.setHeader("content-type", "application/json").end(JSON.stringify(clients));
  } else {
    response.setHeader("content-type", "text/html").end("<h1>Tidings</h1><p>MQTT is at /mqtt.</p>");
  }
});
httpServer.on("upgrade", (request, socket, head) => {
  if (!upgrade.handleUpgrade(request, socket, head)) socket.destroy(); // another path: not MQTT
});

httpServer.listen(runsOnce ? 0 : 8080, "127.0.0.1");
await once(httpServer, "listening");
const place = `127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
console.log(`listening on http://${place} and ws://${place}/mqtt`);

if (runsOnce) {
  await roundTrip();
  await stop();
} else {
  process.once("SIGINT", stop);
}

async function roundTrip(): Promise<void> {
  const client = await mqtt.connectAsync(`ws://${place}/mqtt`, { clientId: "browser" });
  await client.subscribeAsync("hello/+");
  client.on("message", (topic, payload) => console.log(`${topic}: ${payload}`));
  await client.publishAsync("hello/http", "good news", { qos: 1 });
  console.log(`connected: ${await (await fetch(`http://${place}/clients`)).text()}`);
  await client.endAsync();
}

async function stop(): Promise<void> {
  httpServer.close();
  await mqttServer.close(); // says goodbye to the clients
}
