// aedes as its documentation starts it, on the port given, with room for what the load keeps outstanding.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";

const [port, certificate, key] = process.argv.slice(2);
const broker = await Aedes.createBroker({ concurrency: 1000, queueLimit: 100_000 });
const server =
  certificate === undefined
    ? createServer({ noDelay: true }, broker.handle)
    : createTlsServer({ noDelay: true, cert: readFileSync(certificate), key: readFileSync(key) }, broker.handle);
server.listen(Number(port), "127.0.0.1");
