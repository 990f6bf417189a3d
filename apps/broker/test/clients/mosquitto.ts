/** mosquitto_sub and mosquitto_pub: one process for what is received, one for each message that is sent. */
import { spawnSync } from "node:child_process";
import { Journal } from "../journal.js";
import { Program } from "../program.js";
import type { RunningBroker } from "../start-broker.js";
import type { ClientKind, Message, MessageProperties, OpenOptions, QoS, TestClient, Version } from "./client-kind.js";

/** Both come in one package. */
const SUBSCRIBER = "mosquitto_sub";
const PUBLISHER = "mosquitto_pub";

export const mosquitto: ClientKind = {
  name: "mosquitto",
  id: "mos",
  missing: spawnSync(SUBSCRIBER, ["--help"]).error && "apt-get install mosquitto-clients",
  wantsWillAtGoodbye: (version) => version === 5,
  open,
};

const VERSION_NAMES: Record<Version, string> = { 3: "mqttv31", 4: "mqttv311", 5: "mqttv5" };

const FORMAT = "%t|%q|%r|%x|%F|%E|%C|%R|%D|%S|%P";

/**
 * Holds a retained message: mosquitto_sub keeps its output to itself until a message comes, and this one comes as soon
 * as the subscriptions are made.
 */
const READY_TOPIC = "ready";

async function open(broker: RunningBroker, options: OpenOptions): Promise<TestClient> {
  const inbox = new Journal<Message>();
  const subscriber = options.subscriptions === undefined ? undefined : await subscribe(broker, options, inbox);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    subscriber?.signal(signal);
    await subscriber?.exit;
  };
  return {
    inbox,
    sessionPresent: undefined,
    publish: (message) => publish(broker, options, message),
    close: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** One QoS for all filters, as mosquitto_sub has it. */
async function subscribe(broker: RunningBroker, options: OpenOptions, inbox: Journal<Message>): Promise<Program> {
  await publish(broker, options, { topic: READY_TOPIC, payload: Buffer.from("!"), qos: 0, retain: true });
  const { clientId, clean = true, sessionExpiryInterval, keepAlive, will, subscriptions = [] } = options;
  const args = [...common(broker, options.version), "-i", clientId, "-F", FORMAT, "-q", `${subscriptions[0].qos}`];
  for (const { filter, subscriptionIdentifier } of subscriptions) {
    args.push("-t", filter);
    if (subscriptionIdentifier !== undefined) {
      args.push("-D", "subscribe", "subscription-identifier", `${subscriptionIdentifier}`);
    }
  }
  args.push("-t", READY_TOPIC);
  if (!clean) args.push("-c");
  if (!clean && options.version === 5) args.push("-x", `${sessionExpiryInterval}`);
  if (keepAlive !== undefined) args.push("-k", `${keepAlive}`);
  if (will !== undefined) {
    args.push("--will-topic", will.topic, "--will-payload", will.payload.toString(), "--will-qos", `${will.qos}`);
    if (will.retain) args.push("--will-retain");
  }
  const program = new Program(SUBSCRIBER, args);
  program.lines.onEntry = (line) => {
    const message = parseMessage(line);
    if (message.topic !== READY_TOPIC) inbox.add(message);
  };
  await program.line(`${READY_TOPIC}|`);
  return program;
}

async function publish(broker: RunningBroker, { version, clientId }: OpenOptions, message: Message): Promise<void> {
  const { topic, payload, qos, retain, properties } = message;
  const args = [...common(broker, version), "-i", `${clientId}p`, "-t", topic, "-q", `${qos}`];
  args.push(payload.length === 0 ? "-n" : "-s");
  if (retain) args.push("-r");
  if (properties !== undefined) args.push(...propertyArgs(properties));
  const program = new Program(PUBLISHER, args);
  program.endInput(payload);
  await program.succeeds();
}

function common(broker: RunningBroker, version: Version): string[] {
  return ["-h", "127.0.0.1", "-p", `${broker.port}`, "-V", VERSION_NAMES[version]];
}

function propertyArgs(properties: MessageProperties): string[] {
  const args: string[] = [];
  const add = (name: string, ...values: (string | number | undefined)[]): void => {
    if (values[0] !== undefined) args.push("-D", "publish", name, ...values.map(String));
  };
  const { payloadFormatIndicator } = properties;
  add("payload-format-indicator", payloadFormatIndicator === undefined ? undefined : Number(payloadFormatIndicator));
  add("message-expiry-interval", properties.messageExpiryInterval);
  add("content-type", properties.contentType);
  add("response-topic", properties.responseTopic);
  add("correlation-data", properties.correlationData);
  for (const [name, value] of properties.userProperties ?? []) add("user-property", name, value);
  return args;
}

function parseMessage(line: string): Message {
  const [topic, qos, retain, payload, format, expiry, contentType, responseTopic, correlationData, identifier, user] =
    line.split("|");
  if (user === undefined) throw new Error(`mosquitto_sub printed "${line}"`);
  const properties: MessageProperties = {};
  if (format !== "") properties.payloadFormatIndicator = format === "1";
  if (expiry !== "") properties.messageExpiryInterval = Number(expiry);
  if (contentType !== "") properties.contentType = contentType;
  if (responseTopic !== "") properties.responseTopic = responseTopic;
  if (correlationData !== "") properties.correlationData = correlationData;
  if (identifier !== "") properties.subscriptionIdentifiers = [Number(identifier)];
  if (user !== "") properties.userProperties = user.split(" ").map((pair) => pair.split(":", 2) as [string, string]);
  return { topic, qos: Number(qos) as QoS, retain: retain === "1", payload: Buffer.from(payload, "hex"), properties };
}
