/**
 * A password file: a line `user:hash` for each user. Lines that are none (comments, empty ones) stay where they are. It is
 * replaced as a whole, so that a server that reads it meanwhile sees the old or the new one.
 */
import { chmodSync, existsSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { Failure, usage } from "../failure.js";
import { systemReason } from "../system-reason.js";
import { type HashKind, hashKind } from "./password-hash.js";

export interface PasswordEntry {
  readonly user: string;
  readonly hash: string;
}

export class PasswordFile {
  private lines: string[];

  constructor(text = "") {
    this.lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  }

  get entries(): PasswordEntry[] {
    return this.lines.flatMap((line) => entryOf(line) ?? []);
  }

  find(user: string): PasswordEntry | undefined {
    return this.entries.find((entry) => entry.user === user);
  }

  /** Replaces the line of this user, or adds one at the end. */
  set(user: string, hash: string): void {
    const line = `${user}:${hash}`;
    const index = this.lines.findIndex((other) => entryOf(other)?.user === user);
    if (index === -1) this.lines.push(line);
    else this.lines[index] = line;
  }

  /** False: there is no such user. */
  delete(user: string): boolean {
    const before = this.lines.length;
    this.lines = this.lines.filter((line) => entryOf(line)?.user !== user);
    return this.lines.length < before;
  }

  /** mosquitto knows these kinds alone, so a file that holds one is likely to be mosquitto's. */
  get isMosquittos(): boolean {
    return this.entries.some(({ hash }) => ["sha512-pbkdf2", "sha512"].includes(hashKind(hash) as HashKind));
  }

  toString(): string {
    return this.lines.map((line) => `${line}\n`).join("");
  }
}

function entryOf(line: string): PasswordEntry | undefined {
  const colon = line.indexOf(":");
  if (colon < 1 || line.startsWith("#")) return undefined;
  return { user: line.slice(0, colon), hash: line.slice(colon + 1) };
}

/** Throws a usage `Failure` for a name that the file cannot hold. */
export function checkUser(user: string): void {
  if (user === "" || /[:\r\n]/.test(user) || user.startsWith("#")) {
    throw usage(`"${user}" cannot be a user name here: it must not be empty, hold ":" or begin with "#".`);
  }
}

/** `isNew`: an existing file is not read. */
export function readPasswordFile(path: string, isNew: boolean): PasswordFile {
  if (isNew) return new PasswordFile();
  try {
    return new PasswordFile(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Failure(`Cannot read ${path}: ${systemReason(error)}. With -c it is made.`);
  }
}

/** A new file is for its owner alone; an old one keeps its mode. */
export function writePasswordFile(path: string, file: PasswordFile): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const mode = existsSync(path) ? statSync(path).mode & 0o777 : 0o600;
    writeFileSync(temporary, file.toString(), { mode: 0o600 });
    chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) unlinkSync(temporary);
    throw new Failure(`Cannot write ${path}: ${systemReason(error)}.`);
  }
}
