/** The command line. A bad one ends the process here, with one line on stderr and exit code 1, as commander does it. */
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { defaultDataDirectory } from "./default-data-directory.js";

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DURABILITIES = ["fsync", "write", "none"] as const;
export type Durability = (typeof DURABILITIES)[number];

const STORE_ACTIONS = {
  stats: "count what it holds",
  dump: "print everything it holds, a JSON object per line",
  verify: "read and check everything; exit code 1 if something is damaged",
  compact: "make its file as small as it can be; a broker that runs is asked to do it",
};
type StoreAction = keyof typeof STORE_ACTIONS;

/** `tidings-broker store …`: look into a store instead of running a broker. */
export interface StoreArguments {
  readonly storeAction: StoreAction;
  readonly dataDirectory: string;
}

export interface BrokerArguments {
  /** 0: the system chooses. */
  readonly port: number;
  readonly host: string;
  /** Undefined: no WebSocket listener. 0: the system chooses. */
  readonly webSocketPort: number | undefined;
  /** Whether the WebSocket port shows the web client as well. */
  readonly webClient: boolean;
  readonly logLevel: LogLevel;
  /** Absolute. Undefined: state is in memory. */
  readonly dataDirectory: string | undefined;
  readonly durability: Durability;
  /** Of this program. */
  readonly version: string;
}

/** `argv` as in `process.argv`: the words of the user begin with the third. */
export function parseArguments(argv: readonly string[]): BrokerArguments | StoreArguments {
  let storeArguments: StoreArguments | undefined;
  const command = new Command("tidings-broker")
    .description("An MQTT broker for 3.1, 3.1.1 and 5.0 that loses nothing it has acknowledged.")
    .version(packageJson.version)
    .option("--port <n>", "TCP port; 0 takes a free one", parsePort, 1883)
    .option("--host <address>", "address or name to listen on; 0.0.0.0 or :: for all", parseHost, "127.0.0.1")
    .option("--ws-port <n>", "WebSocket port, path /mqtt; 0 takes a free one", parsePort, 8083)
    .option("--no-ws", "no WebSocket, and no web client")
    .option("--no-web-client", "no page on the WebSocket port")
    .addOption(new Option("--log-level <level>", "least important level to log").choices(LOG_LEVELS).default("info"))
    .addOption(dataOption())
    .addOption(new Option("--memory", "keep state in memory, and lose it at exit").conflicts("data"))
    .addOption(
      new Option("--durability <when>", "acknowledge when the disk has it, the system has it, or at once")
        .choices(DURABILITIES)
        .default("fsync"),
    )
    .enablePositionalOptions()
    .action(() => {});
  const store = command.command("store").description("look into the state that a broker has kept, running or not");
  for (const [action, description] of Object.entries(STORE_ACTIONS)) {
    store
      .command(action)
      .description(description)
      .addOption(dataOption())
      .action(({ data }) => {
        storeArguments = { storeAction: action as StoreAction, dataDirectory: resolve(data) };
      });
  }
  const { port, host, ws, wsPort, webClient, logLevel, data, memory, durability } = command.parse(argv).opts();
  if (storeArguments !== undefined) return storeArguments;
  const webSocketPort = ws ? wsPort : undefined;
  if (port !== 0 && port === webSocketPort) {
    command.error(`error: --port and --ws-port are both ${port}. Choose another one, or use --no-ws.`);
  }
  const dataDirectory = memory ? undefined : resolve(data);
  return {
    port,
    host,
    webSocketPort,
    webClient: ws && webClient,
    logLevel,
    dataDirectory,
    durability,
    version: packageJson.version,
  };
}

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
