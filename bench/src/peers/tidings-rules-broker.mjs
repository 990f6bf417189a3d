// The broker of the built packages given, with a number of access rules, on the port given. No rules: no access control.
import { pathToFileURL } from "node:url";

const [brokerEntry, authEntry, port, count] = process.argv.slice(2);
const { createBrokerServer } = await import(pathToFileURL(brokerEntry).href);
const { accessControl } = await import(pathToFileURL(authEntry).href);
const rules = Array.from({ length: Math.max(0, Number(count) - 1) }, (_, index) => ({
  deny: "all",
  topics: [`secret/${index}/+/%c/#`, `$internal/${index}/#`],
}));
rules.push({ allow: "all", topics: "bench/#" });
const server = await createBrokerServer({ hooks: Number(count) > 0 ? [accessControl({ rules })] : [] });
await server.listenTcp({ host: "127.0.0.1", port: Number(port) });
