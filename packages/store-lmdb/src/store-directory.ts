/** Where the files of a store lie, and whether its last life ended in an orderly way. */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export function dataPath(directory: string): string {
  return join(directory, "data.mdb");
}

/** What was saved of a damaged store, until it takes the place of `dataPath`. */
export function rescuedPath(directory: string): string {
  return join(directory, "rescued.mdb");
}

/** Rows of a damaged store as they are. */
export function readablePath(directory: string): string {
  return join(directory, "readable.mdb");
}

/** Of a data file: a smaller copy, until it takes its place. */
export function compactPath(path: string): string {
  return join(dirname(path), "compact.mdb");
}

export function removeDatabase(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}-lock`, { force: true });
}

/** Notes that the data file is complete and was closed. Taken back by `takeCleanMark`. */
export function leaveCleanMark(directory: string): void {
  writeFileSync(markPath(directory), fingerprint(directory));
}

/** Whether the data file is the one that was closed in an orderly way, unchanged since. */
export function takeCleanMark(directory: string): boolean {
  let mark = "";
  try {
    mark = readFileSync(markPath(directory), "utf8");
    rmSync(markPath(directory));
  } catch {
    return false;
  }
  return mark === fingerprint(directory);
}

function markPath(directory: string): string {
  return join(directory, "closed");
}

function fingerprint(directory: string): string {
  const { size, mtimeMs, ino } = statSync(dataPath(directory));
  return `${size} ${mtimeMs} ${ino}`;
}
