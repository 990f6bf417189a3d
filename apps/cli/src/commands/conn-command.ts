/** `tidings conn`: connects, says what the server said, and stays. */
import { Command, Option } from "commander";
import { addConnectionOptions, type ConnectionOptions } from "../connection/connection-options.js";
import { connectionUrl } from "../connection/connection-settings.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parsePositive } from "./parse-number.js";

interface ConnOptions extends ConnectionOptions {
  timeout?: number;
  exit?: boolean;
  json?: boolean;
}

export function connCommand(run: RunCommand): Command {
  const command = new Command("conn").description("connect, print what the server says, and stay connected");
  for (const option of [
    new Option("-E, --exit", "end once connected"),
    new Option("-W, --timeout <seconds>", "end after so long").argParser(parsePositive),
    new Option("--json", "print one line of JSON"),
  ]) {
    command.addOption(option.helpGroup("Connection:"));
  }
  addConnectionOptions(command);
  addExamples(command, [
    ["tidings conn -h broker.example -E", "can it be reached, and what does it offer?"],
    ["tidings conn --will-topic me/state --will-payload gone -i me", "be there until Ctrl-C"],
  ]);
  return command.action((options: ConnOptions) =>
    run(options, async ({ terminal, connection, trace, colors }) => {
      const { connected } = await import("./connected.js");
      await connected(connection, terminal, trace, async (client) => {
        const { server } = client;
        if (server === undefined) return;
        const url = connectionUrl(connection);
        if (options.json) await terminal.write(`${JSON.stringify({ url, ...server, ...finite(server) })}\n`);
        else {
          await terminal.write(`${colors.bold(`connected to ${url}`)}\n`);
          for (const [name, value] of Object.entries(server)) {
            if (value !== undefined && shown(value) !== "")
              await terminal.write(`  ${name.padEnd(32)} ${shown(value)}\n`);
          }
        }
        if (options.exit) return;
        if (options.timeout === undefined) await terminal.stopped;
        else await new Promise((resolve) => setTimeout(resolve, (options.timeout as number) * 1000).unref());
      });
      return undefined;
    }),
  );
}

function shown(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return "no limit";
  return Array.isArray(value) ? value.map((pair: string[]) => pair.join("=")).join(", ") : String(value);
}

/** JSON has no infinity: no limit is null. */
function finite(server: object): Record<string, null> {
  const endless = Object.entries(server).filter(([, value]) => value === Number.POSITIVE_INFINITY);
  return Object.fromEntries(endless.map(([name]) => [name, null]));
}
