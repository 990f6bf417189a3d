/** The lines of a mosquitto.conf, those of its include_dir among them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface MosquittoLine {
  /** `mosquitto.conf:12` */
  readonly place: string;
  readonly name: string;
  /** Without the blanks around it; empty: there is none. */
  readonly value: string;
}

const LINES_MAX = 100_000;
const INCLUDE_DEPTH_MAX = 5;

/** Throws when a file cannot be read. */
export function readMosquittoLines(
  file: string,
  read: (path: string) => string,
  list: (directory: string) => string[] = (directory) => readdirSync(directory),
  depth = 0,
): MosquittoLine[] {
  if (depth > INCLUDE_DEPTH_MAX) throw new Error(`${file} is included too deeply.`);
  const lines = read(file).split(/\r?\n/);
  if (lines.length > LINES_MAX) throw new Error(`${file} has more than ${LINES_MAX} lines.`);
  return lines.flatMap((line, index) => {
    const [, name, value = ""] = /^\s*([^\s#]\S*)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    if (name === undefined) return [];
    if (name !== "include_dir") return [{ place: `${file}:${index + 1}`, name, value }];
    const files = list(value).filter((entry) => entry.endsWith(".conf"));
    // mosquitto's order: capitals first, whatever the language.
    files.sort((a, b) => (a < b ? -1 : 1));
    return files.flatMap((entry) => readMosquittoLines(join(value, entry), read, list, depth + 1));
  });
}
