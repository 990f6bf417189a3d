/** `tidings sub`. */
import type { QoS } from "@tidings/packet";
import { isTopicFilter } from "@tidings/topic";
import { Command, InvalidArgumentError, Option } from "commander";
import { addConnectionOptions, type ConnectionOptions, parseQoS } from "../connection/connection-options.js";
import { addPropertyOptions, propertiesFrom } from "../connection/property-options.js";
import { ExitCode } from "../exit-code.js";
import { Failure, usage } from "../failure.js";
import { MessageFormatError } from "../output/message-format.js";
import { type MessageOutput, messageWriter } from "../output/message-writer.js";
import type { ReceivedMessage } from "../output/received-message.js";
import { PAYLOAD_DECODINGS, type PayloadDecoding } from "../payload/decode-payload.js";
import type { CommandContext, RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parseCount, parsePositive } from "./parse-number.js";
import type { SubscribeRequest } from "./subscribe-request.js";

export interface OutputOptions {
  format?: string;
  json?: boolean;
  verbose?: boolean;
  newline: boolean;
  pretty?: boolean;
  decode?: PayloadDecoding;
}

interface SubOptions extends ConnectionOptions, OutputOptions {
  topic?: string[];
  filterOut?: string[];
  unsubscribe?: string[];
  qos: QoS;
  local: boolean;
  retainAsPublished: boolean;
  retainHandling: 0 | 1 | 2;
  count?: number;
  timeout?: number;
  exitAfterSubscribe: boolean;
  retainedOnly: boolean;
  noRetained?: boolean;
  removeRetained: boolean;
  randomFilter: number;
  watch?: boolean;
}

export function subCommand(run: RunCommand): Command {
  const command = new Command("sub").description("subscribe and print what comes");
  for (const option of [
    new Option("-t, --topic <filter>", "what to subscribe to; may be repeated, or be the path of -L").argParser(
      collectFilters,
    ),
    new Option("-q, --qos <n>", "highest QoS wanted").argParser(parseQoS).default(0),
    new Option("-T, --filter-out <filter>", "do not print these; may be repeated").argParser(collectFilters),
    new Option("-U, --unsubscribe <filter>", "unsubscribe from these; may be repeated").argParser(collectFilters),
    new Option("--no-local", "not what this connection publishes (5.0)"),
    new Option("--retain-as-published", "keep the retain flag as the publisher set it (5.0)").default(false),
    new Option("--retain-handling <n>", "retained messages: 0 send, 1 for new subscriptions, 2 never (5.0)")
      .argParser(parseQoS)
      .default(0),
    new Option("-C, --count <n>", "end after so many messages").argParser(parseCount),
    new Option("-W, --timeout <seconds>", `end after so long, with exit code ${ExitCode.TimedOut}`).argParser(
      parsePositive,
    ),
    new Option("-E, --exit-after-subscribe", "end once the server has answered").default(false),
    new Option("--retained-only", "end with the first message that is not retained").default(false),
    new Option("-R, --no-retained", "do not print retained messages"),
    new Option("--remove-retained", "remove the retained messages that come; spare some with -T").default(false),
    new Option("--random-filter <percent>", "print so many of all, by chance").argParser(parsePercent).default(100),
  ]) {
    command.addOption(option.helpGroup("Subscription:"));
  }
  for (const option of [...outputOptions(), new Option("-w, --watch", "a live table of the last values")]) {
    command.addOption(option.helpGroup("Output:"));
  }
  addPropertyOptions(command, "subscribe");
  addConnectionOptions(command);
  addExamples(command, [
    ["tidings sub -t 'hello/#' -v", "topics and messages, from localhost"],
    ["tidings sub -t '$SYS/#' -t 'plant/+/state' --watch", "a live table"],
    ["tidings sub -L mqtts://broker.example/plant/# --json | jq .payload", "JSON lines for programs"],
    ["tidings sub -t sensors/# --decode cbor -C 10 -W 60", "ten messages at most, a minute at most"],
    ["tidings sub -t '#' -F '%I %t %x'", "mosquitto_sub's format: time, topic, payload in hex"],
    ["tidings sub -t old/# --remove-retained --retained-only", "remove retained messages"],
  ]);
  return command.action((options: SubOptions) => run(options, (context) => subscribeWith(options, context)));
}

/** Shared with `rr`. */
export function outputOptions(): Option[] {
  return [
    new Option("-v, --verbose", "print the topic before each message"),
    new Option(
      "-F, --format <format>",
      "mosquitto_sub's: %t topic, %p payload, %x hex, %j JSON, %q, %r, %l, %I time …",
    ),
    new Option("-N, --no-newline", "no line end after each message"),
    new Option("--json", "JSON lines"),
    new Option("--pretty", "JSON over several lines"),
    new Option("--decode <format>", "read payloads as; what is none is shown as it is").choices(PAYLOAD_DECODINGS),
  ];
}

/** Throws a usage `Failure` for a format that is wrong. */
export function showerFrom(
  options: OutputOptions,
  context: CommandContext,
): (message: ReceivedMessage) => Promise<void> {
  const { colors, terminal } = context;
  const output: MessageOutput = {
    ...{ format: options.format, newline: options.newline, decoding: options.decode },
    ...{ json: options.json === true, verbose: options.verbose === true, pretty: options.pretty === true },
  };
  try {
    const write = messageWriter(output, colors, terminal.isTerminal, ({ message }) =>
      context.complain(message.replace(/^Error: /, "")),
    );
    return (message) => terminal.write(write(message));
  } catch (error) {
    if (error instanceof MessageFormatError) throw usage(`-F: ${error.message.replace(/^Error: /, "")}`);
    throw error;
  }
}

async function subscribeWith(options: SubOptions, context: CommandContext): Promise<undefined> {
  const { terminal, trace, connection } = context;
  const { subscribe } = await import("./subscribe.js");
  const request = subscribeRequest(options, connection);
  const onTimeout = (): void => context.complain(`no more after ${options.timeout} s (-W)`);
  const onRefused = (error: unknown): void => {
    throw error;
  };
  const show = showerFrom(options, context);
  if (!options.watch) {
    await subscribe(request, terminal, { trace, show, onTimeout, onRefused });
    return undefined;
  }
  if (!terminal.isTerminal) throw usage("--watch needs a terminal; stdout is none. Leave it out, or use --json.");
  const { WatchTable } = await import("../output/watch-table.js");
  const table = new WatchTable(terminal, context.colors, options.decode ?? "text");
  table.open();
  try {
    await subscribe(request, terminal, { trace, show: async (message) => table.add(message), onTimeout, onRefused });
  } finally {
    table.close();
  }
  return undefined;
}

function subscribeRequest(options: SubOptions, connection: SubscribeRequest["connection"]): SubscribeRequest {
  const topicFilters = options.topic ?? (options.url?.topic === undefined ? [] : [options.url.topic]);
  if (topicFilters.length === 0) throw usage("There is nothing to subscribe to. Use -t filter.");
  // "retained" is true unless -R was given; commander names it by the positive.
  const skipRetained = (options as unknown as { retained: boolean }).retained === false;
  if (skipRetained && options.retainedOnly) throw new Failure("-R and --retained-only leave nothing.", ExitCode.Usage);
  return {
    connection,
    topicFilters,
    unsubscribeFilters: options.unsubscribe ?? [],
    filtersOut: options.filterOut ?? [],
    qos: options.qos,
    noLocal: !options.local,
    retainAsPublished: options.retainAsPublished,
    retainHandling: options.retainHandling,
    properties: { ...propertiesFrom(options, "subscribe"), ...options.property?.subscribe },
    count: options.count,
    timeoutSeconds: options.timeout,
    exitAfterSubscribe: options.exitAfterSubscribe,
    retainedOnly: options.retainedOnly,
    skipRetained,
    removeRetained: options.removeRetained,
    randomFilterPercent: options.randomFilter,
  };
}

function collectFilters(text: string, earlier: string[] = []): string[] {
  if (!isTopicFilter(text)) throw new InvalidArgumentError("That is no topic filter: look at its + and #.");
  return [...earlier, text];
}

function parsePercent(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value <= 100))
    throw new InvalidArgumentError("Use a number above 0, at most 100.");
  return value;
}
