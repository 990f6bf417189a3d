/**
 * One process at a time works on a directory. The lock is a socket that listens: it ends with its process, however that
 * ends, so nothing has to guess whether a number in a file still means somebody.
 */
import { createHash, randomUUID } from "node:crypto";
import { linkSync, realpathSync, renameSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreError } from "./store-error.js";

/** What a socket's path may have everywhere, less what is appended here. */
const PATH_BYTES_MAX = 80;
/** Two that take over a dead lock at the same moment get into each other's way at most so often. */
const ATTEMPTS_MAX = 10;

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Rejects with `TIDINGS_STORE_LOCKED` while another process, or this one, holds the directory. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = lockPath(realpathSync(directory));
  const isFile = process.platform !== "win32";
  // Made under another name first, so that nobody sees a lock that does not answer yet.
  const ownPath = isFile ? `${path}.${randomUUID().slice(0, 8)}` : path;
  let server: Server;
  try {
    server = await listen(ownPath);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") throw inUse(directory);
    throw new StoreError("TIDINGS_STORE_DIRECTORY", `Cannot lock ${directory}: ${(error as Error).message}.`);
  }
  const release = async (): Promise<void> => {
    if (isFile) rmSync(path, { force: true });
    await close(server);
  };
  if (!isFile) return { release };
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (tryLink(ownPath, path)) return { release };
      if (await isAnswering(path)) break;
      // Nobody is behind it. Taken away under a name of our own, and looked at again: another one may have been faster.
      const deadPath = `${ownPath}.dead`;
      try {
        renameSync(path, deadPath);
      } catch {
        continue;
      }
      if (await isAnswering(deadPath)) tryLink(deadPath, path);
      rmSync(deadPath, { force: true });
    }
  } finally {
    rmSync(ownPath, { force: true });
  }
  await close(server);
  throw inUse(directory);
}

/** Whether some process holds the directory now. */
export function isLocked(directory: string): Promise<boolean> {
  return isAnswering(lockPath(realpathSync(directory)));
}

function lockPath(directory: string): string {
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, 32);
  if (process.platform === "win32") return `\\\\.\\pipe\\tidings-store-${hash}`;
  const path = join(directory, "lock");
  return Buffer.byteLength(path) <= PATH_BYTES_MAX ? path : join(tmpdir(), `tidings-store-${hash}`);
}

function inUse(directory: string): StoreError {
  return new StoreError(
    "TIDINGS_STORE_LOCKED",
    `Another process is using the store in ${directory}. Stop it, or choose another directory.`,
  );
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
