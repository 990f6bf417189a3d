/**
 * Password hashes as text, three kinds:
 *
 *     $argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>   Argon2id (RFC 9106), as mosquitto 2.1 and the Tidings broker read it
 *     $7$<iterations>$<salt>$<hash>                  mosquitto's PBKDF2 with HMAC-SHA-512, for mosquitto before 2.1
 *     $6$<salt>$<hash>                               mosquitto's old SHA-512 of password and salt; read, written on request
 */
import { createHash, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { hash as hashArgon2, verify as verifyArgon2 } from "@node-rs/argon2";

export const HASH_KINDS = ["argon2id", "sha512-pbkdf2", "sha512"] as const;
export type HashKind = (typeof HASH_KINDS)[number];

/** OWASP's advice, and each about 25 ms: 19 MiB of memory, passed over twice. */
const ARGON2_MEMORY_KIB = 19_456;
export const ARGON2_ITERATIONS_DEFAULT = 2;

/** mosquitto reads exactly these lengths. */
const MOSQUITTO_SALT_BYTES = 12;
const MOSQUITTO_HASH_BYTES = 64;
/** mosquitto's own default is 101. More costs its one thread time with every CONNECT: this is about 5 ms. */
export const PBKDF2_ITERATIONS_DEFAULT = 10_000;

const FORMS: Readonly<Record<HashKind, RegExp>> = {
  // Argon2i and Argon2d are the same with another order of memory; whoever has them may keep them.
  argon2id: /^\$argon2(?:id|i|d)\$(?:v=\d+\$)?m=\d+,t=\d+,p=\d+\$[\w+/-]+\$[\w+/-]+$/,
  "sha512-pbkdf2": /^\$7\$\d+\$[\w+/=]+\$[\w+/=]+$/,
  sha512: /^\$6\$[\w+/=]+\$[\w+/=]+$/,
};

const pbkdf2Bytes = promisify(pbkdf2);

/** `iterations` default by the kind; `sha512` has none. */
export async function hashPassword(password: string, kind: HashKind, iterations?: number): Promise<string> {
  switch (kind) {
    case "argon2id":
      return hashArgon2(password, { memoryCost: ARGON2_MEMORY_KIB, timeCost: iterations ?? ARGON2_ITERATIONS_DEFAULT });
    case "sha512-pbkdf2": {
      const salt = randomBytes(MOSQUITTO_SALT_BYTES);
      const rounds = iterations ?? PBKDF2_ITERATIONS_DEFAULT;
      const hash = await pbkdf2Bytes(password, salt, rounds, MOSQUITTO_HASH_BYTES, "sha512");
      return `$7$${rounds}$${salt.toString("base64")}$${hash.toString("base64")}`;
    }
    case "sha512": {
      const salt = randomBytes(MOSQUITTO_SALT_BYTES);
      return `$6$${salt.toString("base64")}$${sha512(password, salt).toString("base64")}`;
    }
  }
}

/** Undefined: text that is no hash of ours. */
export function hashKind(text: string): HashKind | undefined {
  return HASH_KINDS.find((kind) => FORMS[kind].test(text));
}

/** In constant time. False for text that is no hash of ours. */
export async function verifyPassword(password: string, text: string): Promise<boolean> {
  const kind = hashKind(text);
  if (kind === undefined) return false;
  // Text that has the form and yet is none, such as a hash of two bytes, is nobody's password.
  if (kind === "argon2id") return verifyArgon2(text, password).catch(() => false);
  const fields = text.split("$");
  const hash = Buffer.from(fields[fields.length - 1], "base64");
  const salt = Buffer.from(fields[fields.length - 2], "base64");
  if (hash.length !== MOSQUITTO_HASH_BYTES) return false;
  const again =
    kind === "sha512"
      ? sha512(password, salt)
      : await pbkdf2Bytes(password, salt, Number(fields[2]), MOSQUITTO_HASH_BYTES, "sha512");
  return timingSafeEqual(hash, again);
}

function sha512(password: string, salt: Buffer): Buffer {
  return createHash("sha512").update(password).update(salt).digest();
}
