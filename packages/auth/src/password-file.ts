/** A password file, as mosquitto_passwd and `tidings passwd` write it, as hooks of a broker. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parsePasswordHash } from "./password-hash.js";
import { parsePasswordFile } from "./password-lines.js";
import { type PasswordOptions, UserPasswords } from "./user-passwords.js";
import type { StoredUser } from "./user-store.js";

/** Where the file is, or what it says. */
export type PasswordFileSource = { readonly path: string } | { readonly text: string };

/**
 * Hooks that let in who is in the file with the right password. Users that are not in it are left to the next in a chain.
 * @throws AuthError `TIDINGS_PASSWORD_FILE`; the error of the file system when the file cannot be read.
 */
export function passwordFile(source: PasswordFileSource, options: PasswordOptions = {}): PasswordFile {
  return new PasswordFile(source, options);
}

export class PasswordFile extends UserPasswords {
  private readonly path: string | undefined;
  private content: Content;

  /** @internal Made by `passwordFile`. */
  constructor(source: PasswordFileSource, options: PasswordOptions) {
    super({ find: (userName) => this.find(userName) }, options);
    this.path = "path" in source ? source.path : undefined;
    this.content = contentOf("path" in source ? readFileSync(source.path, "utf8") : source.text);
  }

  /** Users in the file. */
  get size(): number {
    return this.content.passwords.size;
  }

  /** Reads the file again. When it rejects nothing has changed. Who is connected stays. */
  async reload(): Promise<void> {
    if (this.path !== undefined) this.replace(await readFile(this.path, "utf8"));
  }

  /** @throws AuthError `TIDINGS_PASSWORD_FILE`; nothing has changed then. */
  replace(text: string): void {
    this.content = contentOf(text);
  }

  protected override decoy(): string {
    return this.content.dearest ?? super.decoy();
  }

  private find(userName: string): StoredUser | undefined {
    const password = this.content.passwords.get(userName);
    return password === undefined ? undefined : { userName, password };
  }
}

interface Content {
  readonly passwords: ReadonlyMap<string, string>;
  /** The stored password that takes the longest to verify. */
  readonly dearest: string | undefined;
}

function contentOf(text: string): Content {
  const passwords = parsePasswordFile(text);
  let dearest: string | undefined;
  let most = -1;
  for (const stored of passwords.values()) {
    const cost = costOf(stored);
    if (cost > most) [dearest, most] = [stored, cost];
  }
  return { passwords, dearest };
}

/** In no unit: larger takes longer. */
function costOf(stored: string): number {
  const hash = parsePasswordHash(stored);
  if (hash.kind === "sha512") return 0;
  if (hash.kind === "pbkdf2-sha512") return hash.iterations;
  return hash.memoryKiB * hash.iterations * 1000;
}
