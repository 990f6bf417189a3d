// The broker of the built packages in a checkout, with what the second parameter asks for: { port, accessRules, rates, tls,
// metrics, metricsPort }.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [checkout, text] = process.argv.slice(2);
const { port, accessRules, rates, tls, metrics, metricsPort } = JSON.parse(text);
const load = (path) => import(pathToFileURL(join(checkout, "packages", path)).href);
const { createBrokerServer } = await load("broker/dist/node.js");

const hooks = [];
if (accessRules !== undefined) {
  const { accessControl } = await load("auth/dist/index.js");
  const others = Array.from({ length: accessRules - 1 }, (_, i) => ({ allow: "all", topics: `plant/line-${i}/+/#` }));
  hooks.push(accessControl({ rules: [...others, { allow: "all", topics: "bench/#" }] }));
}
const limits = rates === true ? { publishRateMax: 1e8, publishBytesRateMax: 1e11 } : {};
const server = await createBrokerServer({ hooks, ...limits });
const place = { host: "127.0.0.1", port };
if (tls === undefined) await server.listenTcp(place);
else await server.listenTls({ ...place, tls: { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) } });
if (metrics === true) {
  const { createBrokerMetrics } = await load("metrics/dist/index.js");
  const { contentType, text: read } = createBrokerMetrics(server.broker);
  createServer(async (_, response) => {
    response.writeHead(200, { "Content-Type": contentType }).end(await read());
  }).listen(metricsPort, "127.0.0.1");
}
process.on("SIGTERM", () => process.exit(0));
