/**
 * Users, where they are kept: what is asked of it, and one in memory. A user is plain data, so that any store can keep it as
 * a row by its name; `MemoryUserStore` tells whoever keeps it of each change.
 */
import { AuthError } from "./auth-error.js";
import type { MaybePromise } from "./auth-hooks.js";
import { parsePasswordHash } from "./password-hash.js";
import { parseScramKeys } from "./scram-keys.js";

export interface StoredUser {
  readonly userName: string;
  /** What `hashPassword` or mosquitto_passwd made. Without it the user cannot come in by password. */
  readonly password?: string;
  /** What `makeScramKeys` made. Without it the user cannot come in by SCRAM. */
  readonly scramKeys?: string;
  readonly groups?: readonly string[];
  /** Cannot come in. */
  readonly isDisabled?: boolean;
}

/** What authentication asks for. */
export interface UserSource {
  find(userName: string): MaybePromise<StoredUser | undefined>;
}

/** What managing users asks for besides. */
export interface UserStore extends UserSource {
  list(): Iterable<StoredUser> | AsyncIterable<StoredUser>;
  /** Adds a user or replaces it. */
  put(user: StoredUser): MaybePromise<void>;
  /** False: there was none. */
  delete(userName: string): MaybePromise<boolean>;
}

export interface MemoryUserStoreOptions {
  /** Called before a change takes effect, with `undefined` for a user that goes; when it throws nothing changes. */
  onChange?(userName: string, user: StoredUser | undefined): void;
  /** Default 1,000,000. */
  usersMax?: number;
}

export class MemoryUserStore implements UserStore {
  private readonly users = new Map<string, StoredUser>();
  private readonly usersMax: number;

  constructor(
    users: Iterable<StoredUser> = [],
    private readonly options: MemoryUserStoreOptions = {},
  ) {
    this.usersMax = options.usersMax ?? 1_000_000;
    for (const user of users) this.users.set(user.userName, checked(user));
  }

  get size(): number {
    return this.users.size;
  }

  find(userName: string): StoredUser | undefined {
    return this.users.get(userName);
  }

  /** In the order of their names. */
  *list(): IterableIterator<StoredUser> {
    for (const userName of [...this.users.keys()].sort()) {
      const user = this.users.get(userName);
      if (user !== undefined) yield user;
    }
  }

  /** @throws AuthError `TIDINGS_PASSWORD_HASH`, `TIDINGS_AUTH_OPTION` for what cannot be stored. */
  put(user: StoredUser): void {
    checked(user);
    if (!this.users.has(user.userName) && this.users.size >= this.usersMax) {
      throw new AuthError("TIDINGS_AUTH_OPTION", `there are ${this.usersMax} users already`);
    }
    this.options.onChange?.(user.userName, user);
    this.users.set(user.userName, user);
  }

  delete(userName: string): boolean {
    if (!this.users.has(userName)) return false;
    this.options.onChange?.(userName, undefined);
    return this.users.delete(userName);
  }
}

function checked(user: StoredUser): StoredUser {
  if (user.userName === "") throw new AuthError("TIDINGS_AUTH_OPTION", "a user has no name");
  if (user.password !== undefined) parsePasswordHash(user.password);
  if (user.scramKeys !== undefined) parseScramKeys(user.scramKeys);
  return user;
}
