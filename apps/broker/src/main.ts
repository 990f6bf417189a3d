#!/usr/bin/env node
/** The command `tidings-broker`. */
import { inspectStore } from "./inspect-store.js";
import { parseArguments } from "./parse-arguments.js";
import { run } from "./run.js";

const options = parseArguments(process.argv);
if ("storeAction" in options) await inspectStore(options);
else await run(options);
