/** `tidings check`. */
import { randomBytes } from "node:crypto";
import { Command, Option } from "commander";
import { addConnectionOptions, type ConnectionOptions, parseTopicName } from "../connection/connection-options.js";
import { connectionUrl } from "../connection/connection-settings.js";
import { ExitCode } from "../exit-code.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parsePositive } from "./parse-number.js";

interface CheckOptions extends ConnectionOptions {
  answer: number;
  topicPrefix?: string;
  json?: boolean;
}

export function checkCommand(run: RunCommand): Command {
  const command = new Command("check").description(
    "find out what a broker supports and where it departs from the standard",
  );
  for (const option of [
    new Option("--answer <seconds>", "how long an answer may take").argParser(parsePositive).default(2),
    new Option("--topic-prefix <topic>", "everything happens below it (default: made up)").argParser(parseTopicName),
    new Option("--json", "print JSON"),
  ]) {
    command.addOption(option.helpGroup("Check:"));
  }
  addConnectionOptions(command);
  addExamples(command, [
    ["tidings check -h broker.example", "a table; exit code 1 if there is a departure"],
    ["tidings check -L mqtts://anna@broker.example --json", "JSON; password from TIDINGS_PASSWORD"],
  ]);
  return command.action((options: CheckOptions) =>
    run(options, async ({ terminal, connection, colors }) => {
      const { runChecks } = await import("../check/run-checks.js");
      const showsProgress = process.stderr.isTTY === true && !options.json;
      const results = await runChecks({
        settings: connection,
        answerMs: options.answer * 1000,
        topicPrefix: options.topicPrefix ?? `tidings-check-${randomBytes(3).toString("hex")}`,
        onResult: (_result, done, total) => {
          if (showsProgress) process.stderr.write(`\r${done} of ${total} checks${done === total ? "\r\x1b[K" : ""}`);
        },
        stop: terminal.stop,
      });
      const departures = results.filter(({ outcome }) => outcome === "departs").length;
      if (options.json) {
        await terminal.write(
          `${JSON.stringify({ url: connectionUrl(connection), departures, results }, undefined, 2)}\n`,
        );
      } else {
        const { checkTable } = await import("../check/check-table.js");
        await terminal.write(checkTable(results, colors, terminal.columns));
      }
      if (terminal.stop.aborted) return undefined;
      return departures > 0 ? ExitCode.Failure : ExitCode.Success;
    }),
  );
}
