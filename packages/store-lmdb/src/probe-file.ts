/**
 * Reads a file of LMDB in a process of its own. LMDB takes a damaged file for a good one, and ends the process that
 * stumbles over it; so somebody else has to look first.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

/** Reads every row; ends with 0 when there are as many as LMDB says. */
const CHECK = `
const database = open({ path, noSubdir: true, keyEncoding: "binary", encoding: "binary", readOnly: true });
let count = 0;
for (const { value } of database.getRange({ start: Buffer.of(0), end: Buffer.of(255) })) if (value !== undefined) count++;
process.exit(count === database.getStats().entryCount ? 0 : 3);
`;

/** Copies the rows of one table, from the front or from the back, as far as they can be read. */
const COPY = `
const [target, table, reverse] = rest;
const options = { noSubdir: true, keyEncoding: "binary", encoding: "binary" };
const source = open({ ...options, path, readOnly: true });
const copy = open({ ...options, path: target, noSync: true });
const [start, end] = [Buffer.of(+table), Buffer.of(+table + 1)];
const range = reverse === "true" ? { start: end, end: start, reverse: true } : { start, end };
(async () => {
  let waiting = [];
  const write = () => {
    const rows = waiting;
    waiting = [];
    return copy.batch(() => { for (const [key, value] of rows) copy.put(key, value); });
  };
  try {
    for (const { key, value } of source.getRange(range)) {
      waiting.push([key, value]);
      if (waiting.length === 20) await write();
    }
  } finally {
    await write();
    await copy.close();
  }
  process.exit(0);
})();
`;

/** Whether every row of the file can be read. */
export async function isReadable(path: string): Promise<boolean> {
  return (await run(CHECK, [path])) === 0;
}

/** Copies what can be read of a damaged file into a new one. Rows behind a damaged place are found from the end. */
export async function copyReadable(path: string, target: string, tables: readonly number[]): Promise<void> {
  for (const table of tables) {
    const code = await run(COPY, [path, target, `${table}`, "false"]);
    if (code !== 0) await run(COPY, [path, target, `${table}`, "true"]);
  }
}

/** Answers with the exit code; undefined when a signal ended it. */
function run(program: string, words: readonly string[]): Promise<number | undefined> {
  const lmdb = createRequire(import.meta.url).resolve("lmdb");
  const code = `const [path, ...rest] = process.argv.slice(1); const { open } = require(${JSON.stringify(lmdb)}); ${program}`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--eval", code, ...words], {
      stdio: "ignore",
      env: { ...process.env, NODE_OPTIONS: "", ELECTRON_RUN_AS_NODE: "1" },
    });
    child.once("error", reject);
    child.once("exit", (exitCode) => resolve(exitCode ?? undefined));
  });
}
