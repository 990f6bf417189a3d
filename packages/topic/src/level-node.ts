/** One level of a `LevelTree`: what may stand there, and where it leads. */
import { entriesOf, findEntry, type LevelTable, withEntry, withoutEntry } from "./level-table.js";
import type { LevelText } from "./level-text.js";

/** What stands at one level for one text. */
interface LevelEntries<Entry> {
  /** For the paths that go on below this level. */
  children: LevelNode<Entry>;
  /** For the path that ends with this level. */
  ends: Entry;
  /** For the path that ends with `/#` after this level. */
  hashEnds: Entry;
}

type Kind = keyof LevelEntries<unknown>;

export class LevelNode<Entry> {
  // One table each, because nearly all texts have only one of the three.
  children: LevelTable<LevelNode<Entry>> = undefined;
  ends: LevelTable<Entry> = undefined;
  hashEnds: LevelTable<Entry> = undefined;
  /** What stands here for `+`, which every match looks for. */
  plus: PlusEntries<Entry> | undefined = undefined;

  find<K extends Kind>(kind: K, level: LevelText): LevelEntries<Entry>[K] | undefined {
    if (level.getText() === "+") return (this.plus as Partial<LevelEntries<Entry>> | undefined)?.[kind];
    return findEntry(this[kind] as LevelTable<LevelEntries<Entry>[K]>, level);
  }

  put<K extends Kind>(kind: K, text: string, entry: LevelEntries<Entry>[K]): void {
    if (text === "+") {
      this.plus ??= new PlusEntries<Entry>();
      (this.plus as Partial<LevelEntries<Entry>>)[kind] = entry;
      return;
    }
    this.setTable(kind, withEntry(this[kind] as LevelTable<LevelEntries<Entry>[K]>, text, entry));
  }

  drop(kind: Kind, text: string): void {
    if (text !== "+") {
      this.setTable(kind, withoutEntry(this[kind] as LevelTable<unknown>, text));
    } else if (this.plus !== undefined) {
      this.plus[kind] = undefined;
      if (this.plus.isEmpty()) this.plus = undefined;
    }
  }

  all<K extends Kind>(kind: K): [text: string, entry: LevelEntries<Entry>[K]][] {
    const entries = entriesOf(this[kind] as LevelTable<LevelEntries<Entry>[K]>);
    const plus = (this.plus as Partial<LevelEntries<Entry>> | undefined)?.[kind];
    if (plus !== undefined) entries.push(["+", plus]);
    return entries;
  }

  isEmpty(): boolean {
    return (
      this.children === undefined && this.ends === undefined && this.hashEnds === undefined && this.plus === undefined
    );
  }

  private setTable(kind: Kind, table: LevelTable<unknown>): void {
    (this as Record<Kind, LevelTable<unknown>>)[kind] = table;
  }
}

class PlusEntries<Entry> {
  children: LevelNode<Entry> | undefined = undefined;
  ends: Entry | undefined = undefined;
  hashEnds: Entry | undefined = undefined;

  isEmpty(): boolean {
    return this.children === undefined && this.ends === undefined && this.hashEnds === undefined;
  }
}
