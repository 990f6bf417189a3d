#!/usr/bin/env node
/** The command `tidings-broker`. */
import { parseArguments } from "./parse-arguments.js";
import { run } from "./run.js";

await run(parseArguments(process.argv));
