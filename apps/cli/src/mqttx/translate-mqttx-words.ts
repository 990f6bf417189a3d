/** MQTTX's words in our own: before the parser sees them, because it would take `-up` for `-u p`. */
import type { Command } from "commander";
import { usage } from "../failure.js";
import { MQTTX_FLAGS } from "./mqttx-flags.js";
import { ownWords } from "./own-words.js";

const BY_NAME = new Map(MQTTX_FLAGS.flatMap((flag) => flag.names.map((name) => [name, flag] as const)));

/** `words` stand behind the name of the command. Its own options win. Throws a usage `Failure`. */
export function translateMqttxWords(command: Command, words: readonly string[]): string[] {
  const translated: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const own = ownWords(command, words, index);
    if (own > 0) {
      translated.push(...words.slice(index, index + own));
      index += own - 1;
      continue;
    }
    const [word, joined] = /^(--[^=]+)=(.*)$/s.exec(words[index])?.slice(1) ?? [words[index]];
    const flag = BY_NAME.get(word);
    if (flag === undefined) {
      translated.push(words[index]);
      continue;
    }
    const values: string[] = joined === undefined ? [] : [joined];
    const wanted = { nothing: 0, value: 1, many: Number.POSITIVE_INFINITY }[flag.takes];
    while (values.length < wanted && index + 1 < words.length) {
      // The first is the value whatever it looks like.
      if (values.length > 0 && words[index + 1].startsWith("-")) break;
      values.push(words[++index]);
    }
    if (wanted > 0 && values.length === 0) throw usage(`${word}: the value is missing.`);
    const result = flag.words(values, command.name());
    const unknown = result?.find((text) => text.startsWith("--") && !values.includes(text) && !has(command, text));
    if (result === undefined || unknown !== undefined) throw usage(`${command.name()} has no ${word}.`);
    translated.push(...result);
  }
  return translated;
}

function has(command: Command, long: string): boolean {
  return command.options.some((option) => option.long === long);
}
