/** From a name and its words to an exit code. */
import { CommanderError } from "commander";
import { runAction } from "./commands/command-context.js";
import { MOSQUITTO_TOOLS, type MosquittoTool } from "./compat/mosquitto-command.js";
import { ExitCode } from "./exit-code.js";
import { Failure } from "./failure.js";
import { Terminal } from "./terminal.js";

/** `name` is that of the program or of the link to it. Undefined: what was started goes on and ends by itself. */
export async function run(name: string, words: readonly string[]): Promise<number | undefined> {
  const terminal = new Terminal();
  // An error that nobody expected is our fault, and a stack would not help who reads it.
  const onUnexpected = (error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    terminal.complain(`tidings: unexpected error: ${reason.split("\n")[0]}`);
    if (process.env.TIDINGS_DEBUG && error instanceof Error) terminal.complain(String(error.stack));
    process.exit(ExitCode.Failure);
  };
  process.on("uncaughtException", onUnexpected);
  try {
    const compat = mosquittoCall(name, words);
    if (compat === undefined) return await runProgram(words, terminal);
    const { runMosquitto } = await import("./compat/run-mosquitto.js");
    return await runMosquitto(compat.tool, compat.words, terminal);
  } catch (error) {
    if (error instanceof Failure) {
      terminal.complain(`tidings: ${error.message}`);
      return error.exitCode;
    }
    return onUnexpected(error);
  }
}

async function runProgram(words: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const [{ createProgram }, { foldPropertyWords }] = await Promise.all([
    import("./program.js"),
    import("./properties/fold-property-words.js"),
  ]);
  let exitCode: number | undefined;
  const program = createProgram(async (options, action) => {
    exitCode = await runAction(terminal, options, action);
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride();
  }
  try {
    await program.parseAsync(words[0] === "broker" || words[0] === "store" ? [...words] : foldPropertyWords(words), {
      from: "user",
    });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.Success : ExitCode.Usage;
  }
}

/** By the name of a link, or `tidings --compat mosquitto sub …`, `tidings sub --compat mosquitto …`. */
function mosquittoCall(
  name: string,
  words: readonly string[],
): { tool: MosquittoTool; words: readonly string[] } | undefined {
  const linked = MOSQUITTO_TOOLS.find((tool) => name === tool || name === `${tool}.js`);
  if (linked !== undefined) return { tool: linked, words };
  const at = words.slice(0, 2).findIndex((word) => word === "--compat" || word.startsWith("--compat="));
  if (at === -1) return undefined;
  const isJoined = words[at] !== "--compat";
  const dialect = isJoined ? words[at].slice("--compat=".length) : words[at + 1];
  const [command, ...rest] = [...words.slice(0, at), ...words.slice(at + (isJoined ? 1 : 2))];
  const tool = MOSQUITTO_TOOLS.find((known) => known === `mosquitto_${command}`);
  if (dialect !== "mosquitto" || tool === undefined) {
    throw new Failure("--compat: use --compat mosquitto with pub, sub or rr.", ExitCode.Usage);
  }
  return { tool, words: rest };
}
