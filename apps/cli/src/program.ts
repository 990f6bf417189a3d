/** The commands of `tidings`, as commander knows them. */
import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { adminCommand } from "./commands/admin-command.js";
import { benchCommand } from "./commands/bench-command.js";
import { brokerCommand, storeCommand } from "./commands/broker-command.js";
import { checkCommand } from "./commands/check-command.js";
import type { RunCommand } from "./commands/command-context.js";
import { completionCommand } from "./commands/completion-command.js";
import { connCommand } from "./commands/conn-command.js";
import { addExamples } from "./commands/examples.js";
import { passwdCommand } from "./commands/passwd-command.js";
import { pubCommand } from "./commands/pub-command.js";
import { rrCommand } from "./commands/rr-command.js";
import { simulateCommand } from "./commands/simulate-command.js";
import { subCommand } from "./commands/sub-command.js";

/** `-h` is the host, as with every MQTT tool; help is `--help` alone. */
export function createProgram(run: RunCommand): Command {
  const program = new Command("tidings")
    .description("MQTT 3.1, 3.1.1 and 5.0 on the command line.")
    .version(packageJson.version, "--version")
    .helpOption("--help", "display help for command")
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false });
  const commands = [
    pubCommand(run),
    subCommand(run),
    rrCommand(run),
    connCommand(run),
    benchCommand(run),
    simulateCommand(run),
    checkCommand(run),
    brokerCommand().passThroughOptions(),
    storeCommand().passThroughOptions(),
    adminCommand(run),
    passwdCommand(run),
    completionCommand(run),
  ];
  for (const command of commands) {
    if (command.name() !== "broker" && command.name() !== "store")
      command.helpOption("--help", "display help for command");
    program.addCommand(command);
  }
  program.addHelpText(
    "after",
    "\nWith --compat mosquitto behind tidings, or by a link named mosquitto_pub, mosquitto_sub or mosquitto_rr, it takes" +
      "\nexactly their command lines: tidings --compat mosquitto sub -t '#' -v",
  );
  addExamples(program, [
    ["tidings broker", "a broker on localhost"],
    ["tidings sub -t 'hello/#'", "what is said"],
    ["tidings pub -t hello/world -m 'good news'", "say something"],
    ["tidings check -h broker.example", "what does a broker support?"],
  ]);
  return program;
}
