/** `tidings pub`. */
import type { QoS } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import { Command, Option } from "commander";
import { addConnectionOptions, type ConnectionOptions, parseQoS } from "../connection/connection-options.js";
import { addPropertyOptions, propertiesFrom } from "../connection/property-options.js";
import { usage } from "../failure.js";
import { encodePayload, PAYLOAD_ENCODINGS, type PayloadEncoding } from "../payload/encode-payload.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parseCount, parseSeconds } from "./parse-number.js";
import type { MessageSource } from "./publish-request.js";

export interface MessageOptions {
  message?: string;
  file?: string;
  stdinLine?: boolean;
  stdinFile?: boolean;
  nullMessage?: boolean;
}

interface PubOptions extends ConnectionOptions, MessageOptions {
  topic?: string;
  qos: QoS;
  retain: boolean;
  repeat: number;
  repeatDelay: number;
  inFlight: number;
  encode: PayloadEncoding;
}

export function pubCommand(run: RunCommand): Command {
  const command = new Command("pub").description("publish messages");
  const group = "Message:";
  for (const option of [
    new Option("-t, --topic <topic>", "where to; may also be the path of -L"),
    ...messageOptions(),
    new Option("-l, --stdin-line", "each line of stdin is a message"),
    new Option("-q, --qos <n>", "0, 1 or 2").argParser(parseQoS).default(0),
    new Option("-r, --retain", "the server keeps it for later subscribers").default(false),
    new Option("--repeat <n>", "send it so often").argParser(parseCount).default(1),
    new Option("--repeat-delay <seconds>", "between repeats").argParser(parseSeconds).default(0),
    new Option("-M, --in-flight <n>", "lines that may be under way at once").argParser(parseCount).default(100),
    new Option("--encode <format>", "what the message is made into").choices(PAYLOAD_ENCODINGS).default("text"),
  ]) {
    command.addOption(option.helpGroup(group));
  }
  addPropertyOptions(command, "publish");
  addConnectionOptions(command);
  addExamples(command, [
    ["tidings pub -t hello/world -m 'good news'", "one message to localhost"],
    [
      "tidings pub -L mqtts://broker.example/plant/7 -u anna -m 21.5 -r -q 1",
      "over TLS, retained; password from TIDINGS_PASSWORD",
    ],
    ["tail -F log | tidings pub -t logs -l -q 1", "each line is a message"],
    [`tidings pub -t state -m '{"on":true}' --encode cbor --content-type application/cbor`, "JSON in, CBOR out"],
    ["tidings pub -t lamp -n -r", "remove a retained message"],
  ]);
  return command.action((options: PubOptions) =>
    run(options, async ({ connection, terminal, trace }) => {
      const request = {
        ...{ connection, topic: topicNameFrom(options), qos: options.qos, retain: options.retain },
        properties: { ...propertiesFrom(options, "publish"), ...options.property?.publish },
        source: messageSource(options),
        repeat: options.repeat,
        repeatDelayMs: options.repeatDelay * 1000,
        inFlightMax: options.inFlight,
      };
      const { publish } = await import("./publish.js");
      await publish(request, terminal, {
        trace,
        onRefused: (error) => {
          throw error;
        },
        encode: (bytes) => encodePayload(bytes, options.encode),
      });
      return undefined;
    }),
  );
}

/** Shared with `rr`. */
export function messageOptions(): Option[] {
  return [
    new Option("-m, --message <text>", "the message"),
    new Option("-f, --file <path>", "the message is in this file"),
    new Option("-s, --stdin-file", "the whole of stdin is the message"),
    new Option("-n, --null-message", "an empty message"),
  ];
}

/** Throws a usage `Failure` unless there is exactly one. */
export function messageSource(options: MessageOptions): MessageSource {
  const { message, file, stdinFile, stdinLine, nullMessage } = options;
  const sources: MessageSource[] = [];
  if (message !== undefined) sources.push({ kind: "bytes", bytes: new TextEncoder().encode(message) });
  if (file !== undefined) sources.push({ kind: "file", path: file });
  if (stdinFile) sources.push({ kind: "stdin" });
  if (stdinLine) sources.push({ kind: "lines" });
  if (nullMessage) sources.push({ kind: "bytes", bytes: new Uint8Array() });
  if (sources.length === 1) return sources[0];
  throw usage(
    sources.length === 0
      ? "There is no message. Use -m text, -f file, -s or -l for stdin, or -n for an empty one."
      : "There are several messages. Use one of -m, -f, -s, -l and -n.",
  );
}

/** From `-t` or the URL; throws a usage `Failure`. */
export function topicNameFrom({ topic, url }: ConnectionOptions & { topic?: string }): string {
  const name = topic ?? url?.topic;
  if (name === undefined) throw usage("There is no topic. Use -t topic.");
  if (!isTopicName(name)) throw usage(`"${name}" is no topic to publish to: it must not be empty or have + or #.`);
  return name;
}
