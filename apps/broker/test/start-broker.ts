/** The real app as a child process, run from its sources, on ports that the system chose. */
import { type Exit, Program } from "./program.js";
import { temporaryDirectory } from "./temporary-directory.js";

const NODE_ARGS = ["--import", "tsx", "--conditions=@tidings/source"];
const MAIN = "apps/broker/src/main.ts";

/** One line of the JSON log. */
export interface LogRecord {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface RunningBroker {
  readonly program: Program;
  readonly url: string;
  readonly webSocketUrl: string;
  readonly port: number;
  records(): LogRecord[];
  /** Waits for the record. */
  record(text: string): Promise<LogRecord>;
  /** The clean way. */
  stop(): Promise<Exit>;
}

/** Runs the app with exactly these arguments. `nodeArgs` go to Node. State that it keeps by itself is its own. */
export function runApp(args: readonly string[], nodeArgs: readonly string[] = []): Program {
  return new Program(process.execPath, appCommand(args, nodeArgs).slice(1), stateOfItsOwn());
}

/** Where the app finds no state of anybody else. */
export function stateOfItsOwn(): NodeJS.ProcessEnv {
  const home = temporaryDirectory();
  return { HOME: home, XDG_STATE_HOME: home, LOCALAPPDATA: home };
}

/** The same as a command line. */
export function appCommand(args: readonly string[], nodeArgs: readonly string[] = []): string[] {
  return [process.execPath, ...NODE_ARGS, ...nodeArgs, MAIN, ...args];
}

/** Starts a broker and waits until it listens. Its state is in memory, unless the arguments say where. */
export async function startBroker(args: readonly string[] = [], nodeArgs: readonly string[] = []) {
  const state = args.includes("--data") ? [] : ["--memory"];
  const program = runApp(["--port", "0", "--ws-port", "0", ...state, ...args], nodeArgs);
  const url = urlIn(await program.line("listening on mqtt://"));
  const webSocketUrl = args.includes("--no-ws") ? "" : urlIn(await program.line("listening on ws://"));
  const broker: RunningBroker = {
    program,
    url,
    webSocketUrl,
    port: Number(new URL(url).port),
    records: () => program.lines.entries.map(parseRecord),
    record: async (text) => parseRecord(await program.line(text)),
    stop: () => {
      program.signal("SIGTERM");
      return program.exit;
    },
  };
  return broker;
}

function parseRecord(line: string): LogRecord {
  return JSON.parse(line) as LogRecord;
}

function urlIn(line: string): string {
  return parseRecord(line).url as string;
}
