/** The command line. A bad one ends the process here, with one line on stderr and exit code 1, as commander does it. */
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { defaultListeners, type ListenerFlags } from "./config/default-listeners.js";
import type { Override } from "./config/environment.js";
import { DURABILITIES, LOG_LEVELS } from "./config/schema.js";
import { defaultDataDirectory } from "./default-data-directory.js";

const STORE_ACTIONS = {
  stats: "count what it holds",
  dump: "print everything it holds, a JSON object per line",
  verify: "read and check everything; exit code 1 if something is damaged",
  compact: "make its file as small as it can be; a broker that runs is asked to do it",
};
type StoreAction = keyof typeof STORE_ACTIONS;

/** Run a broker, or check what it would run with. */
export interface BrokerArguments {
  readonly command: "run" | "check";
  /** Of `--config`; the environment may name one as well. */
  readonly configurationFile: string | undefined;
  /** What the other options say, as changes of the configuration. */
  readonly overrides: readonly Override[];
  /** Of this program. */
  readonly version: string;
}

/** `tidings-broker store …`: look into a store instead of running a broker. */
export interface StoreArguments {
  readonly command: "store";
  readonly action: StoreAction;
  readonly dataDirectory: string;
}

/** `tidings-broker init`: write a configuration to begin with. */
export interface InitArguments {
  readonly command: "init";
  /** `-` for stdout. */
  readonly file: string;
}

/** `tidings-broker import`: translate a configuration of mosquitto. */
export interface ImportArguments {
  readonly command: "import";
  readonly source: string;
  /** `-` for stdout. */
  readonly file: string;
}

/** `argv` as in `process.argv`: the words of the user begin with the third. */
export function parseArguments(
  argv: readonly string[],
): BrokerArguments | StoreArguments | InitArguments | ImportArguments {
  let result: BrokerArguments | StoreArguments | InitArguments | ImportArguments | undefined;
  const program = withBrokerOptions(new Command("tidings-broker"))
    .description("An MQTT broker for 3.1, 3.1.1 and 5.0 that loses nothing it has acknowledged.")
    .version(packageJson.version)
    .enablePositionalOptions()
    .action(() => {
      result = brokerArguments("run", program);
    });
  const check = withBrokerOptions(program.command("check"))
    .description("check the configuration and print it as it would be used; exit code 78 if something is wrong")
    .action(() => {
      result = brokerArguments("check", check);
    });
  program
    .command("init [file]")
    .description("write a configuration with comments to begin with; default: tidings.yaml, - for stdout")
    .action((file = "tidings.yaml") => {
      result = { command: "init", file };
    });
  program
    .command("import <mosquitto.conf> [file]")
    .description("translate a configuration of mosquitto, and list what cannot be; default: to stdout")
    .action((source, file = "-") => {
      result = { command: "import", source, file };
    });
  const store = program.command("store").description("look into the state that a broker has kept, running or not");
  for (const [action, description] of Object.entries(STORE_ACTIONS)) {
    store
      .command(action)
      .description(description)
      .addOption(dataOption())
      .action(({ data }) => {
        result = { command: "store", action: action as StoreAction, dataDirectory: resolve(data) };
      });
  }
  program.parse(argv);
  return result ?? program.error("error: choose one of the commands of `tidings-broker store`");
}

function withBrokerOptions(command: Command): Command {
  return command
    .option("--config <file>", "configuration, YAML or JSON; the environment may name it as TIDINGS_CONFIG")
    .option("--port <n>", "TCP port; 0 takes a free one", parsePort, 1883)
    .option("--host <address>", "address or name to listen on; 0.0.0.0 or :: for all", parseHost, "127.0.0.1")
    .option("--ws-port <n>", "WebSocket port, path /mqtt; 0 takes a free one", parsePort, 8083)
    .option("--no-ws", "no WebSocket, and no web client")
    .option("--no-web-client", "no page on the WebSocket port")
    .option("--allow-anonymous", "let clients in without user name, from other machines too")
    .addOption(new Option("--log-level <level>", "least important level to log").choices(LOG_LEVELS).default("info"))
    .addOption(dataOption())
    .addOption(new Option("--memory", "keep state in memory, and lose it at exit").conflicts("data"))
    .addOption(
      new Option("--durability <when>", "acknowledge when the disk has it, the system has it, or at once")
        .choices(DURABILITIES)
        .default("fsync"),
    );
}

function brokerArguments(name: "run" | "check", command: Command): BrokerArguments {
  const options = command.opts();
  const isGiven = (option: string): boolean => command.getOptionValueSource(option) === "cli";
  const overrides: Override[] = [];
  const listening = LISTENER_OPTIONS.filter(([option]) => isGiven(option)).map(([, flag]) => flag);
  if (listening.length > 0) {
    const { host, port, wsPort, ws, webClient, allowAnonymous } = options;
    if (ws && port !== 0 && port === wsPort) {
      command.error(`error: --port and --ws-port are both ${port}. Choose another one, or use --no-ws.`);
    }
    const flags: ListenerFlags = { host, port, webSocketPort: ws && wsPort, webClient, allowAnonymous };
    overrides.push({ source: listening.join(" "), path: ["listeners"], value: defaultListeners(flags) });
  }
  const set = (option: string, flag: string, ...values: [readonly string[], unknown][]): void => {
    if (isGiven(option)) overrides.push(...values.map(([path, value]) => ({ source: flag, path, value })));
  };
  set("logLevel", "--log-level", [["log", "level"], options.logLevel]);
  set("durability", "--durability", [["storage", "durability"], options.durability]);
  // Either of the two takes the place of what the file says.
  set("data", "--data", [["storage", "directory"], resolve(options.data)], [["storage", "memory"], undefined]);
  set("memory", "--memory", [["storage", "memory"], true], [["storage", "directory"], undefined]);
  return { command: name, configurationFile: options.config, overrides, version: packageJson.version };
}

/** They make listeners of their own, in place of those of the file. */
const LISTENER_OPTIONS = [
  ["port", "--port"],
  ["host", "--host"],
  ["wsPort", "--ws-port"],
  ["ws", "--no-ws"],
  ["webClient", "--no-web-client"],
  ["allowAnonymous", "--allow-anonymous"],
] as const;

function dataOption(): Option {
  return new Option("--data <dir>", "directory for sessions and retained messages").default(defaultDataDirectory());
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("Use a number from 0 to 65535.");
  return port;
}

function parseHost(text: string): string {
  // An empty host would mean every address of the machine to Node.
  if (text.trim() === "") throw new InvalidArgumentError("Use an address such as 127.0.0.1.");
  return text;
}
