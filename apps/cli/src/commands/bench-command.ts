/** `tidings bench conn|pub|sub|rtt`. */
import { writeFileSync } from "node:fs";
import type { QoS } from "@tidings/packet";
import { Command, InvalidArgumentError, Option } from "commander";
import type { BenchKind, BenchRequest } from "../bench/bench-request.js";
import { addConnectionOptions, type ConnectionOptions, parseQoS } from "../connection/connection-options.js";
import { Failure } from "../failure.js";
import { systemReason } from "../system-reason.js";
import type { CommandContext, RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parseCount, parsePositive, parseWhole } from "./parse-number.js";

interface BenchOptions extends ConnectionOptions {
  count: number;
  connectionRate: number;
  duration: number;
  messages?: number;
  rate: number;
  payloadSize: number;
  qos: QoS;
  topic: string;
  inFlight: number;
  publishers: number;
  json?: true | string;
  progress: boolean;
}

const DESCRIPTIONS: Record<BenchKind, string> = {
  conn: "open connections, as many as fast as possible",
  pub: "publish from many connections",
  sub: "subscribe with many connections and publish to them all",
  rtt: "round trips: each connection sends to itself, one message at a time",
};

const COUNTS: Record<BenchKind, number> = { conn: 1_000, pub: 10, sub: 10, rtt: 1 };

export function benchCommand(run: RunCommand): Command {
  const command = new Command("bench").description("measure a broker: connections, publish, subscribe, round trips");
  for (const kind of Object.keys(DESCRIPTIONS) as BenchKind[]) command.addCommand(kindCommand(kind, run));
  addExamples(command, [
    ["tidings bench conn --count 5000", "a storm of connections"],
    ["tidings bench pub --count 20 -q 1 --duration 30", "how much does it take?"],
    ["tidings bench sub --count 100 --publishers 2 --rate 500", "200 publishes, 100,000 deliveries a second"],
    ["tidings bench rtt --json report.json", "how long does a message take?"],
  ]);
  return command;
}

function kindCommand(kind: BenchKind, run: RunCommand): Command {
  const command = new Command(kind).description(DESCRIPTIONS[kind]).helpOption("--help", "display help for command");
  const options = [
    new Option("--count <n>", "connections").argParser(parseCount).default(COUNTS[kind]),
    new Option("--connection-rate <n>", "connections opened per second; 0: as fast as they come")
      .argParser(parseWhole)
      .default(0),
    new Option("--json [file]", "print the report as JSON, or write it to a file"),
    new Option("--no-progress", "no progress bar"),
  ];
  if (kind !== "conn") {
    options.push(
      new Option("--duration <seconds>", "length of the run").argParser(parsePositive).default(10),
      new Option("--messages <n>", "from each publisher, instead of a duration").argParser(parseCount),
      new Option("--payload-size <bytes>", "of each message").argParser(parsePayloadSize).default(64),
      new Option("-q, --qos <n>", "0, 1 or 2").argParser(parseQoS).default(0),
      new Option("-t, --topic <topic>", "%i is the number of the connection").default(
        `tidings/bench/${kind === "sub" ? "all" : "%i"}`,
      ),
    );
  }
  if (kind === "pub" || kind === "sub") {
    options.push(
      new Option(
        "--rate <n>",
        "messages per second from each publisher, latencies then count from when each was due; 0: as fast as they go",
      )
        .argParser(parseWhole)
        .default(0),
      new Option("--in-flight <n>", "messages that each publisher may have under way")
        .argParser(parseCount)
        .default(100),
    );
  }
  if (kind === "sub") {
    options.push(new Option("--publishers <n>", "0: somebody else publishes").argParser(parseWhole).default(1));
  }
  for (const option of options) command.addOption(option.helpGroup("Load:"));
  addConnectionOptions(command);
  addExamples(command, [[`tidings bench ${kind}`, "against localhost"]]);
  return command.action((given: BenchOptions) => run(given, (context) => benchWith(kind, given, context)));
}

async function benchWith(kind: BenchKind, options: BenchOptions, context: CommandContext): Promise<number | undefined> {
  const { terminal, connection } = context;
  const [{ runBench }, { benchText, benchExitCode }, { benchProgress }] = await Promise.all([
    import("../bench/run-bench.js"),
    import("../bench/bench-report.js"),
    import("../bench/bench-progress.js"),
  ]);
  const request: BenchRequest = {
    ...{ kind, connection, count: options.count, connectionRate: options.connectionRate },
    durationSeconds: options.duration ?? 0,
    messagesPerConnection: options.messages,
    rate: options.rate ?? 0,
    payloadBytes: options.payloadSize ?? 0,
    qos: options.qos ?? 0,
    topic: options.topic ?? "",
    inFlightMax: options.inFlight ?? 1,
    publishers: kind === "sub" ? options.publishers : 0,
  };
  const progress = benchProgress(options.progress && process.stderr.isTTY === true);
  const report = await runBench(request, progress.update, terminal.stop).finally(progress.stop);
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  if (typeof options.json === "string") writeReport(options.json, json);
  // After Ctrl-C, too: what was measured until then.
  terminal.print(options.json === true ? json : benchText(report));
  return terminal.stop.aborted ? undefined : benchExitCode(report);
}

function writeReport(path: string, json: string): void {
  try {
    writeFileSync(path, json);
  } catch (error) {
    throw new Failure(`Cannot write ${path} (--json): ${systemReason(error)}.`);
  }
}

function parsePayloadSize(text: string): number {
  const bytes = Number(text);
  // Eight bytes hold the time stamp.
  if (!/^\d+$/.test(text) || bytes < 8 || bytes > 268_435_000)
    throw new InvalidArgumentError("Use a number from 8 to 268435000.");
  return bytes;
}
