/**
 * Password hashes as text, three kinds:
 *
 *     $scrypt$ln=15,r=8,p=1$<salt>$<hash>   scrypt (RFC 7914), in the PHC string format, base64 without padding
 *     $7$<iterations>$<salt>$<hash>         mosquitto's PBKDF2 with HMAC-SHA-512
 *     $6$<salt>$<hash>                      mosquitto's old SHA-512 of password and salt; read, never written by default
 */
import { createHash, pbkdf2Sync, randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

export const HASH_KINDS = ["scrypt", "sha512-pbkdf2", "sha512"] as const;
export type HashKind = (typeof HASH_KINDS)[number];

/** 2^15 rounds of 8 KiB: 32 MiB and about 60 ms for each guess. */
const SCRYPT_LN = 15;
const SCRYPT_R = 8;
const SCRYPT_P = 1;
/** Twice what these parameters need, so that they can be raised without a change here. */
const SCRYPT_MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** mosquitto reads exactly these lengths. */
const MOSQUITTO_SALT_BYTES = 12;
const MOSQUITTO_HASH_BYTES = 64;
/** mosquitto's own default is 101. More costs its one thread time with every CONNECT: this is about 5 ms. */
export const PBKDF2_ITERATIONS_DEFAULT = 10_000;

export function hashPassword(password: string, kind: HashKind, iterations = PBKDF2_ITERATIONS_DEFAULT): string {
  switch (kind) {
    case "scrypt": {
      const salt = randomBytes(SALT_BYTES);
      const hash = scrypt(password, salt, SCRYPT_LN, SCRYPT_R, SCRYPT_P, HASH_BYTES);
      return `$scrypt$ln=${SCRYPT_LN},r=${SCRYPT_R},p=${SCRYPT_P}$${unpadded(salt)}$${unpadded(hash)}`;
    }
    case "sha512-pbkdf2": {
      const salt = randomBytes(MOSQUITTO_SALT_BYTES);
      const hash = pbkdf2Sync(password, salt, iterations, MOSQUITTO_HASH_BYTES, "sha512");
      return `$7$${iterations}$${salt.toString("base64")}$${hash.toString("base64")}`;
    }
    case "sha512": {
      const salt = randomBytes(MOSQUITTO_SALT_BYTES);
      return `$6$${salt.toString("base64")}$${sha512(password, salt).toString("base64")}`;
    }
  }
}

/** Undefined: text that is no hash of ours. */
export function hashKind(text: string): HashKind | undefined {
  if (/^\$scrypt\$ln=\d+,r=\d+,p=\d+\$[\w+/-]+\$[\w+/-]+$/.test(text)) return "scrypt";
  if (/^\$7\$\d+\$[\w+/=]+\$[\w+/=]+$/.test(text)) return "sha512-pbkdf2";
  return /^\$6\$[\w+/=]+\$[\w+/=]+$/.test(text) ? "sha512" : undefined;
}

/** In constant time. False for text that is no hash of ours. */
export function verifyPassword(password: string, text: string): boolean {
  const kind = hashKind(text);
  if (kind === undefined) return false;
  const fields = text.split("$");
  const hash = Buffer.from(fields[fields.length - 1], "base64");
  const salt = Buffer.from(fields[fields.length - 2], "base64");
  return hash.length > 0 && timingSafeEqual(hash, rehash(password, kind, fields[2], salt, hash.length));
}

function rehash(password: string, kind: HashKind, parameters: string, salt: Buffer, length: number): Buffer {
  switch (kind) {
    case "scrypt": {
      const [ln, r, p] = (parameters.match(/\d+/g) as string[]).map(Number);
      return scrypt(password, salt, ln, r, p, length);
    }
    case "sha512-pbkdf2":
      return pbkdf2Sync(password, salt, Number(parameters), length, "sha512");
    case "sha512":
      return sha512(password, salt).subarray(0, length);
  }
}

function scrypt(password: string, salt: Buffer, ln: number, r: number, p: number, length: number): Buffer {
  return scryptSync(password, salt, length, { N: 2 ** ln, r, p, maxmem: SCRYPT_MEMORY_BYTES_MAX });
}

function sha512(password: string, salt: Buffer): Buffer {
  return createHash("sha512").update(password).update(salt).digest();
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
