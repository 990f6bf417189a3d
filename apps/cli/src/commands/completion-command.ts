/** `tidings completion`. */
import { Argument, Command } from "commander";
import { completionScript, SHELLS, type Shell } from "../completion/completion-script.js";
import type { RunCommand } from "./command-context.js";
import { addExamples } from "./examples.js";

export function completionCommand(run: RunCommand): Command {
  const command = new Command("completion")
    .description("print a completion script for a shell")
    .addArgument(new Argument("<shell>", "which").choices(SHELLS));
  addExamples(command, [
    ["source <(tidings completion bash)", "bash: in ~/.bashrc"],
    ["tidings completion zsh > ~/.zfunc/_tidings", "zsh: once, in a folder of $fpath"],
    ["tidings completion fish > ~/.config/fish/completions/tidings.fish", "fish: once"],
  ]);
  return command.action((shell: Shell) =>
    run({}, async ({ terminal }) => {
      await terminal.write(completionScript(shell, command.parent as Command));
      return undefined;
    }),
  );
}
