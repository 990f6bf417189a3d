/**
 * mosquitto's `-D command property value [value]` takes three or four words, which no option parser of today knows. They
 * are folded into one word, JSON, before the parser sees them.
 */
import { usage } from "../failure.js";
import { isPropertyCommand, isSent, type PropertyCommand, propertyRow } from "./property-table.js";
import { type PropertySets, setProperty } from "./set-property.js";

const FLAGS = new Set(["-D", "--property"]);

/** Throws a usage `Failure` when the words are not right. */
export function foldPropertyWords(argv: readonly string[]): string[] {
  const folded: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index];
    if (word === "--") return [...folded, ...argv.slice(index)];
    folded.push(word);
    // As the value of another option, `-D` is not followed by the name of a packet.
    if (!FLAGS.has(word) || (index > 0 && !isPropertyCommand(argv[index + 1] ?? ""))) continue;
    const taken = propertyRow(argv[index + 2] ?? "")?.kind === "pair" ? 4 : 3;
    folded.push(JSON.stringify(argv.slice(index + 1, index + 1 + taken)));
    index += taken;
  }
  return folded;
}

/** `text` is one folded word. Adds to `sets`; throws a usage `Failure`. */
export function applyFoldedProperty(sets: PropertySets, text: string): void {
  const [command, name, value, second] = unfold(text);
  if (!isPropertyCommand(command)) {
    throw usage(`-D: "${command}" is no packet. Use -D connect|publish|subscribe|disconnect|will property value.`);
  }
  const row = propertyRow(name);
  if (row === undefined) throw usage(`-D: "${name}" is no property. Use a name such as content-type or user-property.`);
  if (!row.commands.includes(command) || !isSent(row, command)) throw usage(`-D: ${command} cannot carry ${name}.`);
  if (value === undefined || (row.kind === "pair" && second === undefined)) {
    throw usage(`-D ${command} ${name}: the value is missing.`);
  }
  const complaint = setProperty((sets[command as PropertyCommand] ??= {}), row, [value, second]);
  if (complaint !== undefined) throw usage(`-D: ${complaint}`);
}

function unfold(text: string): string[] {
  try {
    const words = JSON.parse(text);
    if (Array.isArray(words)) return words;
  } catch {
    // not folded: the words behind -D are wrong
  }
  return [text, "", ""];
}
