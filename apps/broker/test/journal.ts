/** Things that happen, in order: lines of a program, messages of a client. A test waits for a condition, never for a time. */

import { vi } from "vitest";

/** What a very busy machine may need to start a few programs; it is never waited out in a test that passes. */
const PATIENCE_MS = 30_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: 2 * PATIENCE_MS });

export class Journal<T> {
  readonly entries: T[] = [];
  /** Sees each entry before those who wait for it. */
  onEntry: (entry: T) => void = () => {};
  private readonly watchers = new Set<() => void>();

  add(entry: T): void {
    this.entries.push(entry);
    this.onEntry(entry);
    for (const watcher of this.watchers) watcher();
  }

  /** Resolves with the first answer of `look` other than undefined or false; asks again after each entry. */
  until<R>(what: string, look: (entries: readonly T[]) => R | undefined | false): Promise<R> {
    return new Promise((resolve, reject) => {
      const watcher = (): void => {
        const answer = look(this.entries);
        if (answer === undefined || answer === false) return;
        end();
        resolve(answer);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`${what} did not happen within ${PATIENCE_MS} ms. So far: ${show(this.entries)}`));
      }, PATIENCE_MS);
      const end = (): void => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
      };
      this.watchers.add(watcher);
      watcher();
    });
  }

  /** Waits for at least `count` entries that pass, and gives all that pass by then. */
  atLeast(count: number, passes: (entry: T) => boolean = () => true): Promise<T[]> {
    return this.until(`entry ${count}`, (entries) => {
      const passing = entries.filter(passes);
      return passing.length >= count && passing;
    });
  }
}

function show(entries: readonly unknown[]): string {
  return entries.length === 0 ? "nothing" : entries.map((entry) => JSON.stringify(entry).slice(0, 300)).join("\n");
}
