/** What the parser gets: mosquitto's `-D` folded, MQTTX's names translated, options from a file put in front. */
import type { Command } from "commander";
import { translateMqttxWords } from "./mqttx/translate-mqttx-words.js";
import { withOptionsFile } from "./options-file/options-file.js";
import { foldPropertyWords } from "./properties/fold-property-words.js";

/** Throws a usage `Failure`. */
export function commandWords(program: Command, words: readonly string[]): string[] {
  const path: string[] = [];
  let command = program;
  for (const word of words) {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) break;
    command = child;
    path.push(word);
  }
  // To those without a connection, -D means something else.
  const hasConnection = command.options.some(({ long }) => long === "--load-options");
  if (!hasConnection) return [...words];
  const rest = translateMqttxWords(command, foldPropertyWords(words.slice(path.length)));
  return [...path, ...withOptionsFile(path.join(" "), command, rest)];
}
