/** Does a password belong to what is stored? The work is done in Node's thread pool; comparisons take constant time. */
import { createHash, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { verify } from "@node-rs/argon2";
import { type PasswordHash, parsePasswordHash } from "./password-hash.js";

const derive = promisify(pbkdf2);

/**
 * `stored` is what `hashPassword` or mosquitto_passwd wrote, or that parsed.
 * @throws AuthError `TIDINGS_PASSWORD_HASH` (as a rejection) for a text in no form that is known here.
 */
export async function verifyPassword(stored: string | PasswordHash, password: string | Uint8Array): Promise<boolean> {
  const expected = typeof stored === "string" ? parsePasswordHash(stored) : stored;
  switch (expected.kind) {
    case "argon2":
      return verify(expected.text, password);
    case "pbkdf2-sha512": {
      const { salt, iterations, hash } = expected;
      return timingSafeEqual(await derive(password, salt, iterations, hash.length, "sha512"), hash);
    }
    case "sha512": {
      // One round over at most 64 KiB: less than sending it to another thread.
      const actual = createHash("sha512").update(password).update(expected.salt).digest();
      return timingSafeEqual(actual, expected.hash);
    }
  }
}
