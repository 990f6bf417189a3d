/** Walks a command line word by word as commander will. */
import type { Command, Option } from "commander";

/** How many words at `index` are an option of this command with its value; 0: another word stands there. */
export function ownWords(command: Command, words: readonly string[], index: number): number {
  const word = words[index];
  if (word === "--") return words.length - index;
  const option = optionOf(command, word);
  if (option === undefined) return 0;
  if (word.includes("=") || (!option.required && !option.optional)) return 1;
  const next = words[index + 1];
  const takesNext = next !== undefined && (option.required || !next.startsWith("-"));
  return takesNext ? 2 : 1;
}

/** By `-t`, `--topic` or `--topic=value`. */
export function optionOf(command: Command, word: string): Option | undefined {
  const long = word.startsWith("--") ? word.split("=")[0] : undefined;
  return command.options.find((option) => option.short === word || (long !== undefined && option.long === long));
}
