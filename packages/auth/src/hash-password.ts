/** A password to be stored: argon2id, with a salt of its own. */
import { hash } from "@node-rs/argon2";

/** What a hash costs whoever makes or tries it. The defaults are those of OWASP's password storage page. */
export interface PasswordCost {
  /** Default 19456 (19 MiB). */
  memoryKiB?: number;
  /** Passes over the memory. Default 2. */
  iterations?: number;
  /** Lanes. Default 1. */
  parallelism?: number;
}

const MEMORY_KIB = 19_456;
const ITERATIONS = 2;
const PARALLELISM = 1;

/**
 * `$argon2id$v=19$…` for a password file or a user store; about 25 ms of one thread of Node's pool, never of the event
 * loop. A string counts as its UTF-8 bytes.
 */
export function hashPassword(password: string | Uint8Array, cost: PasswordCost = {}): Promise<string> {
  return hash(password, {
    memoryCost: cost.memoryKiB ?? MEMORY_KIB,
    timeCost: cost.iterations ?? ITERATIONS,
    parallelism: cost.parallelism ?? PARALLELISM,
  });
}
