/** `tidings simulate`. */
import type { QoS } from "@tidings/packet";
import { Command, Option } from "commander";
import type { CodedError } from "../connection/client-failure.js";
import { refusalReason } from "../connection/client-failure.js";
import { addConnectionOptions, type ConnectionOptions, parseQoS } from "../connection/connection-options.js";
import { usage } from "../failure.js";
import { harmless } from "../output/message-writer.js";
import { payloadText } from "../payload/decode-payload.js";
import { BUILT_IN_SCENARIOS } from "../simulate/built-in-scenarios.js";
import { builtInScenario, loadScenario } from "../simulate/scenario.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parseCount, parseSeconds, parseWhole } from "./parse-number.js";

interface SimulateOptions extends ConnectionOptions {
  scenario?: string;
  file?: string;
  list?: boolean;
  devices: number;
  interval: number;
  limit?: number;
  topic?: string;
  qos?: QoS;
  retain: boolean;
  seed?: number;
  verbose?: boolean;
}

export function simulateCommand(run: RunCommand): Command {
  const command = new Command("simulate").description("publish what devices would: a built-in scenario or a script");
  const names = BUILT_IN_SCENARIOS.map(({ name }) => name).join(", ");
  for (const option of [
    new Option("--scenario <name>", `one of ${names}`).conflicts("file"),
    new Option("-f, --file <path>", "a JavaScript module that exports a function (device) => ({ topic, payload })"),
    new Option("--list", "list the built-in scenarios"),
    new Option("--devices <n>", "connections, each a device").argParser(parseCount).default(1),
    new Option("--interval <seconds>", "between the messages of a device").argParser(parseSeconds).default(1),
    new Option("--limit <n>", "end after so many messages").argParser(parseCount),
    new Option("-t, --topic <topic>", "instead of the scenario's; %c Client Identifier, %i number, %s scenario"),
    new Option("-q, --qos <n>", "instead of the scenario's").argParser(parseQoS),
    new Option("-r, --retain", "retain everything").default(false),
    new Option("--seed <n>", "the same seed gives the same values").argParser(parseWhole),
    new Option("-v, --verbose", "print what is published"),
  ]) {
    command.addOption(option.helpGroup("Simulation:"));
  }
  addConnectionOptions(command);
  addExamples(command, [
    ["tidings simulate --scenario smart-home --devices 5", "five houses, until Ctrl-C"],
    ["tidings simulate -f fleet.mjs --interval 0.1 --limit 1000 -v", "a script of your own"],
    ["tidings simulate --list", "which scenarios are there?"],
  ]);
  return command.action((options: SimulateOptions) =>
    run(options, async (context) => {
      const { terminal } = context;
      if (options.list) {
        for (const { name, description } of BUILT_IN_SCENARIOS)
          await terminal.write(`${name.padEnd(12)} ${description}\n`);
        return undefined;
      }
      if (options.scenario === undefined && options.file === undefined) {
        throw usage("What shall be simulated? Use --scenario name, -f script, or --list.");
      }
      const scenario =
        options.file === undefined ? builtInScenario(options.scenario as string) : await loadScenario(options.file);
      const { runSimulation } = await import("../simulate/run-simulation.js");
      const request = {
        ...{ connection: context.connection, scenario, devices: options.devices, limit: options.limit },
        intervalMs: options.interval * 1000,
        ...{ topic: options.topic, qos: options.qos, retain: options.retain },
        seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
      };
      const published = await runSimulation(request, {
        onPublished: (topic, payload) => {
          if (options.verbose) terminal.print(`${harmless(topic)} ${harmless(payloadText(payload, "text"))}\n`);
        },
        onRefused: (error, topic) => context.complain(`${topic}: ${refusalReason(error as CodedError)}`),
        stop: terminal.stop,
      });
      if (options.verbose) context.complain(`${published} messages published`);
      return undefined;
    }),
  );
}
