// aedes as its documentation starts it, on the port given, with room for what the load keeps outstanding.
import { createServer } from "node:net";
import { Aedes } from "aedes";

const broker = await Aedes.createBroker({ concurrency: 1000, queueLimit: 100_000 });
createServer({ noDelay: true }, broker.handle).listen(Number(process.argv[2]), "127.0.0.1");
