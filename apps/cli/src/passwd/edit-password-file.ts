/** Does what `passwd` is asked to do. */
import { ExitCode } from "../exit-code.js";
import { Failure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { checkUser, type PasswordFile, readPasswordFile, writePasswordFile } from "./password-file.js";
import { type HashKind, hashKind, hashPassword, verifyPassword } from "./password-hash.js";

export interface PasswdRequest {
  /** "-": stdout, and nothing is read. */
  readonly path: string;
  readonly action:
    | { readonly kind: "set" | "verify"; readonly user: string; readonly password: () => Promise<string> }
    | { readonly kind: "delete"; readonly user: string }
    /** Passwords that are still plain text. */
    | { readonly kind: "hash-plain" };
  readonly isNew: boolean;
  /** Undefined: what the file holds already, otherwise scrypt. */
  readonly hashKind?: HashKind;
  readonly iterations?: number;
}

/** Resolves with the exit code. */
export async function editPasswordFile(request: PasswdRequest, terminal: Terminal): Promise<number> {
  const { path, action, isNew } = request;
  const toStdout = path === "-";
  const file = readPasswordFile(path, isNew || toStdout);
  const kind = request.hashKind ?? (file.isMosquittos ? "sha512-pbkdf2" : "scrypt");
  const hash = (password: string): string => hashPassword(password, kind, request.iterations);
  switch (action.kind) {
    case "set":
      checkUser(action.user);
      file.set(action.user, hash(await nonEmpty(action.password)));
      break;
    case "verify": {
      const entry = file.find(action.user);
      const isRight = entry !== undefined && verifyPassword(await action.password(), entry.hash);
      if (!isRight) terminal.complain(`tidings: wrong user name or password for ${path}`);
      return isRight ? ExitCode.Success : ExitCode.Failure;
    }
    case "delete":
      if (!file.delete(action.user)) throw new Failure(`There is no user "${action.user}" in ${path}.`);
      break;
    case "hash-plain":
      hashPlain(file, hash);
      break;
  }
  if (toStdout) await terminal.write(file.toString());
  else writePasswordFile(path, file);
  return ExitCode.Success;
}

function hashPlain(file: PasswordFile, hash: (password: string) => string): void {
  for (const entry of file.entries) if (hashKind(entry.hash) === undefined) file.set(entry.user, hash(entry.hash));
}

async function nonEmpty(ask: () => Promise<string>): Promise<string> {
  const password = await ask();
  if (password === "") throw new Failure("The password is empty.");
  return password;
}
