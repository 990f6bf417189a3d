/**
 * A stored password: the forms that are read, as data. The text is never part of an error message.
 *
 * - `$6$salt$hash`: SHA-512 of password and salt, mosquitto_passwd before 2.0. One round: easily tried out, read only.
 * - `$7$iterations$salt$hash`: PBKDF2 with HMAC-SHA-512, mosquitto_passwd 2.0.
 * - `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (also `argon2i`, `argon2d`): RFC 9106 in the PHC string format, mosquitto_passwd
 *   2.1 and `hashPassword`.
 */
import { AuthError } from "./auth-error.js";

export type PasswordHash = Sha512Hash | Pbkdf2Hash | Argon2Hash;

interface Sha512Hash {
  readonly kind: "sha512";
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

interface Pbkdf2Hash {
  readonly kind: "pbkdf2-sha512";
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

interface Argon2Hash {
  readonly kind: "argon2";
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** The whole, as the library wants it. */
  readonly text: string;
}

/** What one verification may cost at most: 1 GiB of memory, a few seconds. Above, the text is refused. */
const ITERATIONS_MAX = 10_000_000;
const ARGON2_MEMORY_KIB_MAX = 1_048_576;
const ARGON2_ITERATIONS_MAX = 1_000;
const ARGON2_PARALLELISM_MAX = 255;

const ARGON2 = /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws AuthError `TIDINGS_PASSWORD_HASH` when `text` is in no form that is known here, or asks for too much work. */
export function parsePasswordHash(text: string): PasswordHash {
  const parts = text.split("$");
  if (text.startsWith("$6$") && parts.length === 4) {
    return { kind: "sha512", salt: bytesOf(parts[2], "salt"), hash: bytesOf(parts[3], "hash", 64) };
  }
  if (text.startsWith("$7$") && parts.length === 5) {
    const iterations = countOf(parts[2], "iterations", ITERATIONS_MAX);
    const salt = bytesOf(parts[3], "salt");
    return { kind: "pbkdf2-sha512", iterations, salt, hash: bytesOf(parts[4], "hash", 64) };
  }
  const argon2 = ARGON2.exec(text);
  if (argon2 !== null) {
    const memoryKiB = countOf(argon2[1], "memory", ARGON2_MEMORY_KIB_MAX);
    const iterations = countOf(argon2[2], "iterations", ARGON2_ITERATIONS_MAX);
    return {
      kind: "argon2",
      memoryKiB,
      iterations,
      parallelism: countOf(argon2[3], "lanes", ARGON2_PARALLELISM_MAX),
      text,
    };
  }
  throw wrong("is not $6$…, $7$… or $argon2…: write it with `tidings passwd` or mosquitto_passwd");
}

function bytesOf(text: string, what: string, length?: number): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (!BASE64.test(text) || bytes.length === 0) throw wrong(`has a ${what} that is not base64`);
  if (length !== undefined && bytes.length !== length)
    throw wrong(`has a ${what} of ${bytes.length} bytes, not ${length}`);
  return bytes;
}

function countOf(text: string, what: string, max: number): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > max)
    throw wrong(`asks for ${text.slice(0, 20)} ${what}, not 1 to ${max}`);
  return count;
}

function wrong(what: string): AuthError {
  return new AuthError("TIDINGS_PASSWORD_HASH", `the stored password ${what}`);
}
