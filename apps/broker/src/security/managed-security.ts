/**
 * Users and access rules that are changed at run time by the admin API: in memory, and in a file of the data directory where
 * there is one. Each change is on disk before it takes effect; the file is replaced as a whole.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import {
  type AccessControl,
  type AccessControlContent,
  type AccessRule,
  MemoryUserStore,
  type StoredUser,
} from "@tidings/auth";
import { SecurityFailure } from "./security-failure.js";

interface Content {
  readonly users: readonly StoredUser[];
  readonly rules: readonly AccessRule[];
}

export class ManagedSecurity {
  readonly users: MemoryUserStore;
  private kept: readonly AccessRule[];
  /** Those that ask these rules first. Each build of the hooks makes new ones. */
  private controls: { readonly control: WeakRef<AccessControl>; readonly own: AccessControlContent }[] = [];

  /** `file` undefined: what is changed is lost when the broker stops. Throws a `SecurityFailure`. */
  constructor(private readonly file: string | undefined) {
    const { users, rules } = read(file);
    this.kept = rules;
    this.users = new MemoryUserStore(users, {
      onChange: (userName, user) => {
        const others = [...this.users.list()].filter((other) => other.userName !== userName);
        this.write({ users: user === undefined ? others : [...others, user], rules: this.kept });
      },
    });
  }

  rules(): readonly AccessRule[] {
    return this.kept;
  }

  /** Throws an `AuthError` for rules that cannot be; nothing has changed then. */
  replace(rules: readonly AccessRule[]): void {
    const live = this.controls.filter(({ control }) => control.deref() !== undefined);
    const before = this.kept;
    const follow = (all: readonly AccessRule[]): void => {
      for (const { control, own } of live) control.deref()?.replace(joined(all, own));
    };
    try {
      follow(rules);
      this.write({ users: [...this.users.list()], rules });
    } catch (error) {
      follow(before);
      throw error;
    }
    this.kept = rules;
    this.controls = live;
  }

  /** What an access control whose own content this is decides by. */
  contentFor(own: AccessControlContent): AccessControlContent {
    return joined(this.kept, own);
  }

  /** It follows changes from now on. */
  follow(control: AccessControl, own: AccessControlContent): void {
    this.controls.push({ control: new WeakRef(control), own });
  }

  private write(content: Content): void {
    const { file } = this;
    if (file === undefined) return;
    const draft = `${file}.new`;
    const descriptor = openSync(draft, "w", 0o600);
    try {
      writeFileSync(descriptor, `${JSON.stringify(content, undefined, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  }
}

function joined(rules: readonly AccessRule[], own: AccessControlContent): AccessControlContent {
  return { ...own, rules: [...rules, ...(own.rules ?? [])] };
}

function read(file: string | undefined): Content {
  if (file === undefined) return { users: [], rules: [] };
  try {
    const { users = [], rules = [] } = JSON.parse(readFileSync(file, "utf8")) as Partial<Content>;
    return { users, rules };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { users: [], rules: [] };
    throw new SecurityFailure(`cannot use ${file}: ${(error as Error).message}`);
  }
}
