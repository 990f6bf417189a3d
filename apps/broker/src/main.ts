#!/usr/bin/env node
/** The command `tidings-broker`. */
import { checkConfiguration } from "./config/check.js";
import { initConfiguration } from "./config/init.js";
import { importConfiguration } from "./import/import-configuration.js";
import { inspectStore } from "./inspect-store.js";
import { parseArguments } from "./parse-arguments.js";
import { run } from "./run.js";

const options = parseArguments(process.argv);
switch (options.command) {
  case "run":
    await run(options);
    break;
  case "check":
    await checkConfiguration(options);
    break;
  case "init":
    initConfiguration(options.file);
    break;
  case "import":
    importConfiguration(options);
    break;
  case "store":
    await inspectStore(options);
    break;
}
