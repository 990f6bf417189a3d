/** `tidings rr`. */
import { randomBytes } from "node:crypto";
import type { QoS } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import { Command, Option } from "commander";
import { addConnectionOptions, type ConnectionOptions, parseQoS } from "../connection/connection-options.js";
import { addPropertyOptions, propertiesFrom } from "../connection/property-options.js";
import { ExitCode } from "../exit-code.js";
import { usage } from "../failure.js";
import { encodePayload, PAYLOAD_ENCODINGS, type PayloadEncoding } from "../payload/encode-payload.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";
import { parsePositive } from "./parse-number.js";
import { type MessageOptions, messageOptions, messageSource, topicNameFrom } from "./pub-command.js";
import { type OutputOptions, outputOptions, showerFrom } from "./sub-command.js";

interface RrOptions extends ConnectionOptions, MessageOptions, OutputOptions {
  topic?: string;
  responseTopic?: string;
  qos: QoS;
  timeout?: number;
  encode: PayloadEncoding;
}

export function rrCommand(run: RunCommand): Command {
  const command = new Command("rr").description("publish a request and print the response");
  for (const option of [
    new Option("-t, --topic <topic>", "where the request goes; may also be the path of -L"),
    ...messageOptions(),
    new Option("-q, --qos <n>", "0, 1 or 2, for both").argParser(parseQoS).default(0),
    new Option("-e, --response-topic <topic>", "where the response comes (default: made up)"),
    new Option("-W, --timeout <seconds>", `end after so long, with exit code ${ExitCode.TimedOut}`).argParser(
      parsePositive,
    ),
    new Option("--encode <format>", "what the message is made into").choices(PAYLOAD_ENCODINGS).default("text"),
  ]) {
    command.addOption(option.helpGroup("Request:"));
  }
  for (const option of outputOptions()) command.addOption(option.helpGroup("Output:"));
  addPropertyOptions(command, "publish");
  addConnectionOptions(command);
  addExamples(command, [
    ["tidings rr -t clock -m now -W 5", "ask, and wait five seconds at most"],
    ["tidings rr -V 311 -t clock -e clock/answer -m now", "with a server that knows no Response Topic"],
  ]);
  return command.action((options: RrOptions) =>
    run(options, async (context) => {
      const { terminal, trace, connection } = context;
      const { requestResponse } = await import("./request-response.js");
      const responseTopic = options.responseTopic ?? `tidings/response/${randomBytes(8).toString("hex")}`;
      if (!isTopicName(responseTopic)) throw usage(`-e: "${responseTopic}" is no topic.`);
      const properties = { ...propertiesFrom(options, "publish"), ...options.property?.publish };
      // So that somebody else's answer is not taken for ours.
      if (options.responseTopic !== undefined) properties.correlationData ??= randomBytes(8);
      const request = {
        ...{ connection, topic: topicNameFrom(options), responseTopic, qos: options.qos, retain: false },
        ...{ properties, subscribeProperties: {}, source: messageSource(options), skipRetained: true },
        timeoutSeconds: options.timeout,
      };
      await requestResponse(request, terminal, {
        trace,
        show: showerFrom(options, context),
        onTimeout: () => context.complain(`no response within ${options.timeout} s (-W)`),
        encode: (bytes) => encodePayload(bytes, options.encode),
      });
      return undefined;
    }),
  );
}
