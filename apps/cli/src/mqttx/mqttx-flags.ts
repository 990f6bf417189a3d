/**
 * MQTTX's names for options that are called otherwise here, so that its command lines work. Where a letter means something
 * else to mosquitto's tools (`-d`, `-f`, `-l`, `-M`, `-S`), theirs counts.
 */
import { usage } from "../failure.js";

interface MqttxFlag {
  readonly names: readonly string[];
  /** "many": every word up to the next option. */
  readonly takes: "nothing" | "value" | "many";
  /** Of `command`, such as `pub`. `values` are as many as it takes. Undefined: not there. */
  readonly words: (values: readonly string[], command: string) => readonly string[] | undefined;
}

function row(names: string, takes: MqttxFlag["takes"], words: MqttxFlag["words"]): MqttxFlag {
  return { names: names.split(" "), takes, words };
}

/** Another name, nothing else. */
const alias = (names: string, flag: string): MqttxFlag => row(names, "value", ([value]) => [flag, value]);

const flag = (names: string, ...words: string[]): MqttxFlag => row(names, "nothing", () => words);

/** MQTTX writes pairs as `name: value`. */
function pairs(names: string, option: (command: string) => string): MqttxFlag {
  return row(names, "many", (values, command) => {
    return values.flatMap((text) => [option(command), text.replace(/^([^=:]+):\s*/, "$1=")]);
  });
}

/** With 0 its name is a promise not to reconnect. */
const reconnectPeriod: MqttxFlag["words"] = ([text]) => {
  if (!/^\d+$/.test(text)) throw usage(`--reconnect-period is "${text}". Use milliseconds, or 0 for never.`);
  return text === "0" ? ["--no-reconnect"] : ["--reconnect-delay", String(Number(text) / 1000)];
};

/** A message each so many milliseconds. */
const messageInterval: MqttxFlag["words"] = ([text], command) => {
  const intervalMs = Number(text);
  if (!(intervalMs >= 0)) throw usage(`--message-interval is "${text}". Use milliseconds.`);
  if (command === "simulate") return ["--interval", String(intervalMs / 1000)];
  return ["--rate", intervalMs === 0 ? "0" : String(Math.max(1, Math.round(1000 / intervalMs)))];
};

const FORMATS: Readonly<Record<string, string>> = { binary: "text", plaintext: "text" };

/** The topic is said by each `-t` in MQTTX, too; what follows them is one word here. */
export const MQTTX_FLAGS: readonly MqttxFlag[] = [
  alias("--hostname", "--host"),
  alias("--mqtt-version", "--protocol-version"),
  alias("--password", "--pw"),
  alias("--client-id", "--id"),
  alias("--ca", "--cafile"),
  alias("--alpn", "--tls-alpn"),
  alias("-am", "--authentication-method"),
  flag("--no-clean", "--disable-clean-session"),
  pairs("-wh --ws-headers", () => "--header"),
  row("-rp --reconnect-period", "value", reconnectPeriod),
  alias("--maximum-reconnect-times --maximun-reconnect-times", "--reconnect-attempts"),
  alias("-se", "--session-expiry-interval"),
  alias("--rcv-max", "--receive-maximum"),
  flag("--req-response-info", "--request-response-information", "1"),
  flag("--no-req-problem-info", "--request-problem-information", "0"),
  pairs("-up --user-properties", (command) => (command === "conn" ? "--connect-user-property" : "--user-property")),
  pairs("-Cup --conn-user-properties", () => "--connect-user-property"),
  alias("-Wt", "--will-topic"),
  alias("-Wm --will-message", "--will-payload"),
  alias("-Wq", "--will-qos"),
  flag("-Wr", "--will-retain"),
  alias("-Wd", "--will-delay-interval"),
  flag("-Wpf", "--will-payload-format-indicator", "1"),
  alias("-We", "--will-message-expiry-interval"),
  alias("-Wct", "--will-content-type"),
  alias("-Wrt", "--will-response-topic"),
  alias("-Wcd", "--will-correlation-data"),
  pairs("-Wup --will-user-properties", () => "--will-user-property"),
  row("-so", "nothing", () => ["--save-options"]),
  row("-lo", "nothing", () => ["--load-options"]),
  flag("-pf", "--payload-format-indicator", "1"),
  row("-e", "value", ([value]) => ["--message-expiry-interval", value]),
  alias("-ta", "--topic-alias"),
  alias("-rt", "--response-topic"),
  alias("-cd", "--correlation-data"),
  alias("-si", "--subscription-identifier"),
  alias("-ct", "--content-type"),
  flag("--stdin", "--stdin-file"),
  flag("-lm --line-mode --multiline", "--stdin-line"),
  alias("--file-read", "--file"),
  row("--format -f", "value", ([value], command) => {
    return [command === "sub" ? "--decode" : "--encode", FORMATS[value] ?? value];
  }),
  flag("-nl --no_local", "--no-local"),
  flag("-rap", "--retain-as-published"),
  alias("-rh", "--retain-handling"),
  row("--output-mode", "value", ([mode]) => (mode === "clean" ? ["--json"] : [])),
  row("-im --message-interval", "value", messageInterval),
  alias("-sc", "--scenario"),
  ...["-Pp --protobuf-path", "-Pmn --protobuf-message-name", "-Ap --avsc-path"].map((names) =>
    row(names, "value", () => {
      throw usage(`${names.split(" ")[1]}: Protobuf and Avro are not known here. Encode the file and send it with -f.`);
    }),
  ),
];
