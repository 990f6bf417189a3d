/**
 * The text of a password file, `user:hash` line by line, as mosquitto_passwd writes it. Empty lines and lines that begin
 * with `#` are left alone.
 */
import { AuthError } from "./auth-error.js";
import { parsePasswordHash } from "./password-hash.js";

/**
 * User name to stored password.
 * @throws AuthError `TIDINGS_PASSWORD_FILE` naming the line, also for a user that is there twice.
 */
export function parsePasswordFile(text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const [index, line] of text.split("\n").entries()) {
    const entry = entryOf(line);
    if (entry === undefined) {
      if (line.trim() !== "" && !line.startsWith("#")) throw wrong(index, "is not user:hash");
      continue;
    }
    const [userName, stored] = entry;
    if (userName === "") throw wrong(index, "has no user name");
    if (users.has(userName)) throw wrong(index, `has user "${userName}" a second time`);
    try {
      parsePasswordHash(stored);
    } catch (error) {
      throw wrong(index, `(user "${userName}"): ${(error as Error).message}`, error);
    }
    users.set(userName, stored);
  }
  return users;
}

/**
 * The text with `stored` as the user's password, in place or as a new last line; `undefined` takes the user out. All
 * other lines stay as they are.
 * @throws AuthError `TIDINGS_PASSWORD_FILE` for a user name that a file cannot hold.
 */
export function setPasswordLine(text: string, userName: string, stored: string | undefined): string {
  if (userName === "" || userName.startsWith("#") || userName.trim() !== userName || /[:\r\n\0]/.test(userName)) {
    throw new AuthError(
      "TIDINGS_PASSWORD_FILE",
      `"${userName}" cannot be a user name in a password file: not empty, no colon, no line break, no # or blank at its ends`,
    );
  }
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const isUser = (line: string): boolean => entryOf(line)?.[0] === userName;
  const index = lines.findIndex(isUser);
  const kept = lines.filter((line, i) => i === index || !isUser(line));
  if (stored === undefined) kept.splice(index, index < 0 ? 0 : 1);
  else if (index < 0) kept.push(`${userName}:${stored}`);
  else kept[index] = `${userName}:${stored}`;
  return kept.map((line) => `${line}\n`).join("");
}

function entryOf(line: string): [userName: string, stored: string] | undefined {
  const colon = line.indexOf(":");
  if (line.startsWith("#") || colon < 0) return undefined;
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

function wrong(index: number, what: string, cause?: unknown): AuthError {
  return new AuthError("TIDINGS_PASSWORD_FILE", `line ${index + 1} of the password file ${what}`, { cause });
}
