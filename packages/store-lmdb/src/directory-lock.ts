/**
 * One process at a time works on a directory. The lock is a socket that listens: it ends with its process, however that
 * ends, so nothing has to guess whether a number in a file still means somebody. Everybody makes a socket of its own
 * first and looks for others then, so of two that come at the same moment at least one sees the other.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
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

/** What whoever holds the lock can be asked to do. */
export type LockRequest = "compact";

export interface DirectoryLock {
  /** Answers requests of other processes; set by the holder. What it throws is told to the one who asks. */
  onRequest: (request: LockRequest) => Promise<object>;
  release(): Promise<void>;
}

/** What is said on the holder's socket in answer to a request. */
interface Reply {
  readonly answer?: object;
  readonly error?: string;
}

/** Rejects with `TIDINGS_STORE_LOCKED` while another process, or this one, holds the directory. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const prefix = lockPrefix(realpathSync(directory));
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const path = process.platform === "win32" ? prefix : `${prefix}${randomUUID().slice(0, 8)}`;
    const socket = await LockSocket.listen(path, directory);
    const others = await statesOf(prefix, path);
    if (others.length === 0) {
      socket.state = HELD;
      return socket;
    }
    await socket.release();
    if (others.includes(HELD)) break;
    await new Promise((resolve) => setTimeout(resolve, MOMENT_MS * (0.2 + Math.random())));
  }
  throw inUse(directory);
}

/** Asks whoever holds the directory. Undefined: nobody does. Rejects with what the holder says against it. */
export async function requestOfHolder(directory: string, request: LockRequest): Promise<object | undefined> {
  const prefix = lockPrefix(realpathSync(directory));
  for (const path of socketPaths(prefix)) {
    if ((await ask(path)) !== HELD) continue;
    const line = await talk(path, `${request}\n`);
    const { answer, error } = JSON.parse(line) as Reply;
    if (answer !== undefined) return answer;
    throw new StoreError("TIDINGS_STORE_LOCKED", `The broker on ${directory} does not ${request}: ${error}.`);
  }
  return undefined;
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

/** Says its state to everybody who connects, and does what the line says that may come back. */
class LockSocket implements DirectoryLock {
  state = TRYING;
  onRequest: DirectoryLock["onRequest"] = async () => {
    throw new Error("it is only starting");
  };
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.serve(socket));

  private constructor() {}

  static listen(path: string, directory: string): Promise<LockSocket> {
    const lock = new LockSocket();
    const { server } = lock;
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EADDRINUSE") reject(inUse(directory));
        else reject(new StoreError("TIDINGS_STORE_DIRECTORY", `Cannot lock ${directory}: ${error.message}.`));
      });
      server.listen(path, () => {
        server.unref();
        resolve(lock);
      });
    });
  }

  /** Also removes the socket's file. */
  release(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.unref();
    socket.on("error", () => {});
    socket.once("close", () => this.sockets.delete(socket));
    // Whoever wants something says it at once.
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    socket.write(this.state);
    socket.once("data", (bytes) => {
      socket.setTimeout(0);
      this.reply(bytes.toString().trim()).then((reply) => socket.end(`${JSON.stringify(reply)}\n`));
    });
  }

  private async reply(request: string): Promise<Reply> {
    if (request !== "compact") return { error: "it does not know the request" };
    try {
      return { answer: await this.onRequest(request) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }
}

/** What those who listen, other than `own`, are about. Sockets that nobody listens on any more are removed. */
async function statesOf(prefix: string, own: string): Promise<string[]> {
  if (process.platform === "win32") return own === "" ? answersOf([prefix]) : [];
  return answersOf(socketPaths(prefix).filter((path) => path !== own));
}

function socketPaths(prefix: string): string[] {
  if (process.platform === "win32") return [prefix];
  const folder = dirname(prefix);
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => path.startsWith(prefix));
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
      socket.destroy();
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

/** Says a line, and answers with the one that comes back, behind the state. It may take its time. */
function talk(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.write(line));
    socket.on("data", (bytes) => {
      text += bytes.toString();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      if (text.endsWith("\n")) resolve(text.slice(1));
      else reject(new StoreError("TIDINGS_STORE_LOCKED", "The broker has ended before it could answer."));
    });
  });
}
