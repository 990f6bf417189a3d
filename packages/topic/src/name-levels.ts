/**
 * The levels of one Topic Name after the other, for a search that comes back to them by several ways. A name is cut only
 * as far as the search gets, however many levels it has, and the objects are used again for the next name.
 */
import { levelEnd } from "./level-end.js";
import { LevelText } from "./level-text.js";

/** Characters. A longer name is let go of after use; of shorter ones the last may stay in memory. */
const KEPT_LENGTH_MAX = 1_024;

export class NameLevels {
  private name = "";
  private readonly levels: LevelText[] = [];
  /** Levels that are cut so far. */
  private known = 0;
  /** Where the level after them begins. */
  private next = 0;

  begin(name: string): void {
    this.name = name;
    this.known = 0;
    this.next = 0;
  }

  /** Level 0 is the first. Levels are asked for in order; those known already in any. */
  at(depth: number): LevelText {
    if (depth === this.known) {
      const end = levelEnd(this.name, this.next);
      if (depth === this.levels.length) this.levels.push(new LevelText());
      this.levels[depth].become(this.name, this.next, end);
      this.known += 1;
      this.next = end + 1;
    }
    return this.levels[depth];
  }

  /** True if no level follows; `at(depth)` has been called. */
  isLast(depth: number): boolean {
    return depth + 1 === this.known && this.next > this.name.length;
  }

  end(): void {
    if (this.name.length > KEPT_LENGTH_MAX) this.levels.length = 0;
    this.name = "";
  }
}
