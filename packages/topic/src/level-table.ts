/**
 * A map from the text of one topic level to an entry, in the smallest form that is quick. Nearly all levels of a real
 * topic tree have one text or a few, which stand in a flat array and are compared one by one; a level with more gets a
 * `LevelIndex`, or a `Map` if somebody has chosen the texts so that they collide.
 *
 * Tables are values: keep what `withEntry` and `withoutEntry` answer. An entry is never `undefined`.
 */
import { LevelIndex } from "./level-index.js";
import type { LevelText } from "./level-text.js";

/** Up to this many texts, comparing one by one beats hashing one. */
const FEW_MAX = 8;

/** Nothing, text and entry by turns, an index, or a `Map`. */
export type LevelTable<Entry> = undefined | (string | Entry)[] | LevelIndex<Entry> | Map<string, Entry>;

export function findEntry<Entry>(table: LevelTable<Entry>, level: LevelText): Entry | undefined {
  if (table === undefined) return undefined;
  if (!Array.isArray(table)) return table instanceof LevelIndex ? table.get(level) : table.get(level.getText());
  const text = level.getText();
  for (let index = 0; index < table.length; index += 2) {
    if (table[index] === text) return table[index + 1] as Entry;
  }
  return undefined;
}

/** The table with `entry` for `text`, in place of the one before. */
export function withEntry<Entry>(table: LevelTable<Entry>, text: string, entry: Entry): LevelTable<Entry> {
  if (table === undefined) return [text, entry];
  if (table instanceof Map) return table.set(text, entry);
  if (table instanceof LevelIndex) return table.set(text, entry) ? table : new Map(entriesOf(table)).set(text, entry);
  for (let index = 0; index < table.length; index += 2) {
    if (table[index] !== text) continue;
    table[index + 1] = entry;
    return table;
  }
  // not `push`, which reserves room for another 16
  if (table.length < 2 * FEW_MAX) return table.concat([text, entry]);
  const index = new LevelIndex<Entry>();
  visitEntries(table, (each, textOfEach) => index.set(textOfEach, each));
  index.set(text, entry);
  return index;
}

/** The table without `text`. Undefined when that was the last. */
export function withoutEntry<Entry>(table: LevelTable<Entry>, text: string): LevelTable<Entry> {
  if (table === undefined) return undefined;
  if (Array.isArray(table)) return tableOf(entriesOf(table).filter(([each]) => each !== text));
  table.delete(text);
  // Not at once below FEW_MAX, so that a text which comes and goes does not rebuild the table each time.
  const isTooLarge = table.size <= FEW_MAX / 2 || (table instanceof LevelIndex && table.isSparse);
  return isTooLarge ? tableOf(entriesOf(table)) : table;
}

/** Calls `visit` for every text. The table must not change meanwhile. */
export function visitEntries<Entry>(table: LevelTable<Entry>, visit: (entry: Entry, text: string) => void): void {
  if (table === undefined) return;
  if (!Array.isArray(table)) {
    table.forEach(visit);
    return;
  }
  for (let index = 0; index < table.length; index += 2) visit(table[index + 1] as Entry, table[index] as string);
}

export function entriesOf<Entry>(table: LevelTable<Entry>): [text: string, entry: Entry][] {
  const entries: [string, Entry][] = [];
  visitEntries(table, (entry, text) => entries.push([text, entry]));
  return entries;
}

function tableOf<Entry>(entries: [text: string, entry: Entry][]): LevelTable<Entry> {
  let table: LevelTable<Entry>;
  for (const [text, entry] of entries) table = withEntry(table, text, entry);
  return table;
}
