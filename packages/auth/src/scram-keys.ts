/**
 * What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677): enough to check a proof and to prove
 * itself, not enough to come in elsewhere. As text: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
 */
import { createHash, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { AuthError } from "./auth-error.js";

export interface ScramKeys {
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

const ITERATIONS = 32_768;
/** RFC 7677 section 4. */
const ITERATIONS_MIN = 4096;
const ITERATIONS_MAX = 10_000_000;
const SALT_BYTES = 16;
const KEY_BYTES = 32;

const derive = promisify(pbkdf2);

/**
 * For `StoredUser.scramKeys`. `iterations` are work for the client at each connection: 4,096 to 10,000,000, default 32,768.
 * Takes a thread of Node's pool, never the event loop.
 */
export async function makeScramKeys(password: string, iterations = ITERATIONS): Promise<string> {
  if (!Number.isInteger(iterations) || iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
    throw new AuthError(
      "TIDINGS_AUTH_OPTION",
      `${iterations} iterations: SCRAM takes ${ITERATIONS_MIN} to ${ITERATIONS_MAX}`,
    );
  }
  const salt = randomBytes(SALT_BYTES);
  const salted = await derive(saslPrepared(password), salt, iterations, KEY_BYTES, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

/** @throws AuthError `TIDINGS_PASSWORD_HASH`. */
export function parseScramKeys(text: string): ScramKeys {
  const match = /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(text);
  const iterations = Number(match?.[1] ?? 0);
  const [salt, storedKey, serverKey] = (match?.slice(2) ?? []).map((part) => Buffer.from(part, "base64"));
  const isRight = iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX && salt?.length > 0;
  if (!isRight || storedKey.length !== KEY_BYTES || serverKey.length !== KEY_BYTES) {
    throw new AuthError("TIDINGS_PASSWORD_HASH", "the stored SCRAM keys are not what makeScramKeys makes");
  }
  return { iterations, salt, storedKey, serverKey };
}

/** Keys that belong to no password and look, to a client, like those of a user: the same ones for the same name. */
export function decoyScramKeys(secret: Uint8Array, userName: string): ScramKeys {
  const salt = hmac(secret, userName).subarray(0, SALT_BYTES);
  return { iterations: ITERATIONS, salt, storedKey: hmac(secret, "stored"), serverKey: hmac(secret, "server") };
}

export function hmac(key: Uint8Array, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

/** The part of SASLprep (RFC 4013) that matters for what people type: compatible forms made one, odd spaces plain. */
export function saslPrepared(text: string): string {
  return text.replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, " ").normalize("NFKC");
}
