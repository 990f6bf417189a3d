#!/usr/bin/env node
/** The command `tidings`, and mosquitto's tools by their names. */
import { basename } from "node:path";
import { run } from "./run.js";

const [, path = "tidings", ...words] = process.argv;
const exitCode = await run(basename(path), words);
// The broker goes on; everything else is over, even if somebody still holds stdin open.
if (exitCode !== undefined) process.stdout.write("", () => process.exit(exitCode));
