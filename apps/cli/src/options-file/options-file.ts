/**
 * `--save-options` and `--load-options`: the options of a command as JSON, by their long names, one object for each command
 * in the file. Passwords and keys are left out; they come from the environment or from files of their own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { Failure, usage } from "../failure.js";
import { optionOf, ownWords } from "../mqttx/own-words.js";
import { systemReason } from "../system-reason.js";

const PATH_DEFAULT = "tidings-options.json";

/** What is never written. */
const SECRETS = new Set(["pw", "psk"]);

type OptionValue = true | string | readonly string[];
type OptionsFile = Record<string, Record<string, OptionValue>>;

/** Loaded options come first, so that the command line wins. `words` stand behind the command; its name is `name`. */
export function withOptionsFile(name: string, command: Command, words: readonly string[]): string[] {
  const rest: string[] = [];
  let loaded: string[] = [];
  let savedTo: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const length = Math.max(1, ownWords(command, words, index));
    const long = optionOf(command, words[index])?.long;
    const path = words[index].split("=")[1] ?? (length === 2 ? words[index + 1] : PATH_DEFAULT);
    if (words[index] !== "--" && long === "--load-options") loaded = wordsFrom(path, name);
    else if (words[index] !== "--" && long === "--save-options") savedTo = path;
    else rest.push(...words.slice(index, index + length));
    index += length - 1;
  }
  if (savedTo !== undefined) save(savedTo, name, command, [...loaded, ...rest]);
  return [...loaded, ...rest];
}

function wordsFrom(path: string, name: string): string[] {
  const options = readOptions(path, "--load-options")[name];
  if (options === undefined) throw usage(`--load-options: ${path} has nothing for ${name}.`);
  return Object.entries(options).flatMap(([long, value]) => {
    if (value === true) return [`--${long}`];
    return [value].flat().map((text) => `--${long}=${text}`);
  });
}

function save(path: string, name: string, command: Command, words: readonly string[]): void {
  const options: Record<string, OptionValue> = {};
  for (let index = 0; index < words.length; index++) {
    const length = ownWords(command, words, index);
    const option = words[index] === "--" ? undefined : optionOf(command, words[index]);
    if (option?.long === undefined || length === 0) continue;
    const long = option.long.slice(2);
    const equals = words[index].indexOf("=");
    const value = equals !== -1 ? words[index].slice(equals + 1) : length === 2 ? words[index + 1] : true;
    index += length - 1;
    if (SECRETS.has(long)) continue;
    const isRepeated = option.description.includes("may be repeated") && Object.hasOwn(options, long);
    options[long] = isRepeated && value !== true ? [options[long] as string, value].flat() : value;
  }
  let file: OptionsFile = {};
  try {
    file = readOptions(path, "--save-options");
  } catch (error) {
    if (!(error instanceof Failure) || (error.cause as NodeJS.ErrnoException)?.code !== "ENOENT") throw error;
  }
  try {
    writeFileSync(path, `${JSON.stringify({ ...file, [name]: options }, undefined, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new Failure(`Cannot write ${path} (--save-options): ${systemReason(error)}.`);
  }
}

function readOptions(path: string, flag: string): OptionsFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw Object.assign(new Failure(`Cannot read ${path} (${flag}): ${systemReason(error)}.`), { cause: error });
  }
  try {
    const file = JSON.parse(text);
    if (file !== null && typeof file === "object" && !Array.isArray(file)) return file;
  } catch {
    // said below
  }
  throw new Failure(`${path} (${flag}) is not JSON with an object for each command.`);
}
