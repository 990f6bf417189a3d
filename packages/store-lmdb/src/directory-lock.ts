/**
 * One process at a time works on a directory. The lock is a socket that listens: it ends with its process, however that
 * ends, so nothing has to guess whether a number in a file still means somebody. Everybody makes a socket of its own
 * first and looks for others then, so of two that come at the same moment at least one sees the other.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StoreError } from "./store-error.js";

/** A socket's path has room for 103 bytes on some systems. */
const PATH_BYTES_MAX = 90;
const NAME = "lock-";
/** Those who wait for each other try again as often, after a moment that differs. */
const ATTEMPTS_MAX = 20;
const MOMENT_MS = 50;
/** Whoever is busy accepts, but answers late. */
const ANSWER_MS_MAX = 500;

const TRYING = "t";
const HELD = "h";

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Rejects with `TIDINGS_STORE_LOCKED` while another process, or this one, holds the directory. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const prefix = lockPrefix(realpathSync(directory));
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const path = process.platform === "win32" ? prefix : `${prefix}${randomUUID().slice(0, 8)}`;
    const state = { answer: TRYING };
    const server = await listen(path, state, directory);
    const others = await statesOf(prefix, path);
    if (others.length === 0) {
      state.answer = HELD;
      return { release: () => close(server) };
    }
    await close(server);
    if (others.includes(HELD)) break;
    await new Promise((resolve) => setTimeout(resolve, MOMENT_MS * (0.2 + Math.random())));
  }
  throw inUse(directory);
}

/** Whether some process holds the directory now. */
export async function isLocked(directory: string): Promise<boolean> {
  const prefix = lockPrefix(realpathSync(directory));
  return (await statesOf(prefix, "")).includes(HELD);
}

/** The beginning of the names of all sockets for a directory; on Windows the one name that there is. */
function lockPrefix(directory: string): string {
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, 32);
  if (process.platform === "win32") return `\\\\.\\pipe\\tidings-store-${hash}`;
  const prefix = join(directory, NAME);
  return Buffer.byteLength(prefix) <= PATH_BYTES_MAX ? prefix : join(tmpdir(), `tidings-store-${hash}-`);
}

function inUse(directory: string): StoreError {
  return new StoreError(
    "TIDINGS_STORE_LOCKED",
    `Another process is using the store in ${directory}. Stop it, or choose another directory.`,
  );
}

function listen(path: string, state: { readonly answer: string }, directory: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end(state.answer);
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(inUse(directory));
      else reject(new StoreError("TIDINGS_STORE_DIRECTORY", `Cannot lock ${directory}: ${error.message}.`));
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Also removes the socket's file. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** What those who listen, other than `own`, are about. Sockets that nobody listens on any more are removed. */
async function statesOf(prefix: string, own: string): Promise<string[]> {
  if (process.platform === "win32") return own === "" ? answersOf([prefix]) : [];
  const folder = dirname(prefix);
  const paths = readdirSync(folder).map((name) => join(folder, name));
  return answersOf(paths.filter((path) => path.startsWith(prefix) && path !== own));
}

async function answersOf(paths: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(paths.map(ask));
  return answers.filter((answer) => answer !== undefined);
}

function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = HELD;
    const socket = connect(path);
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    socket.on("data", (bytes) => {
      answer = bytes.toString("latin1", 0, 1);
    });
    socket.once("close", (hadError) => {
      if (!hadError) resolve(answer);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" && process.platform !== "win32") rmSync(path, { force: true });
      // A socket of someone who cannot be asked is one that is used; one that is no more, or never was one, is not.
      const isDead = error.code === "ECONNREFUSED" || error.code === "ENOENT" || error.code === "ENOTSOCK";
      resolve(isDead ? undefined : HELD);
    });
  });
}
