/** The command line. A bad one ends the process here, with one line on stderr and exit code 1, as commander does it. */
import { Command, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface BrokerArguments {
  /** 0: the system chooses. */
  readonly port: number;
  readonly host: string;
  /** Undefined: no WebSocket listener. 0: the system chooses. */
  readonly webSocketPort: number | undefined;
  /** Whether the WebSocket port shows the web client as well. */
  readonly webClient: boolean;
  readonly logLevel: LogLevel;
  /** Of this program. */
  readonly version: string;
}

/** `argv` as in `process.argv`: the words of the user begin with the third. */
export function parseArguments(argv: readonly string[]): BrokerArguments {
  const command = new Command("tidings-broker")
    .description("An MQTT broker for 3.1, 3.1.1 and 5.0. State is in memory and lost at exit.")
    .version(packageJson.version)
    .option("--port <n>", "TCP port; 0 takes a free one", parsePort, 1883)
    .option("--host <address>", "address or name to listen on; 0.0.0.0 or :: for all", parseHost, "127.0.0.1")
    .option("--ws-port <n>", "WebSocket port, path /mqtt; 0 takes a free one", parsePort, 8083)
    .option("--no-ws", "no WebSocket, and no web client")
    .option("--no-web-client", "no page on the WebSocket port")
    .addOption(new Option("--log-level <level>", "least important level to log").choices(LOG_LEVELS).default("info"));
  const { port, host, ws, wsPort, webClient, logLevel } = command.parse(argv).opts();
  const webSocketPort = ws ? wsPort : undefined;
  if (port !== 0 && port === webSocketPort) {
    command.error(`error: --port and --ws-port are both ${port}. Choose another one, or use --no-ws.`);
  }
  return { port, host, webSocketPort, webClient: ws && webClient, logLevel, version: packageJson.version };
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
