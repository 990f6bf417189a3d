// The broker of the built package given, over TLS, on the port given.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [entry, port, certificate, key] = process.argv.slice(2);
const { createBrokerServer } = await import(pathToFileURL(entry).href);
const server = await createBrokerServer();
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
await server.listenTls({ host: "127.0.0.1", port: Number(port), tls });
