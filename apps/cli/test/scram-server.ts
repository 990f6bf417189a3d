/** The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as a hook of the Tidings broker. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import type { BrokerOptions } from "./tidings-broker.js";

type Hook = NonNullable<NonNullable<BrokerOptions>["hooks"]>[number];

const ITERATIONS = 4_096;

const hmac = (key: Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** Lets in who proves to know the password of the user. */
export function scramHook(user: string, password: string): Hook {
  return {
    authenticate: () => 0x86,
    authenticateEnhanced: (step) => {
      if (step.method !== "SCRAM-SHA-256") return undefined;
      const said = Buffer.from(step.data ?? []).toString();
      if (step.step === 1) {
        const [, bare, name, nonce] = /^n,,(n=([^,]*),r=(.*))$/.exec(said) ?? [];
        const salt = randomBytes(16);
        const both = nonce + randomBytes(12).toString("hex");
        const first = `r=${both},s=${salt.toString("base64")},i=${ITERATIONS}`;
        step.state = { name, salt, both, exchange: `${bare},${first}` };
        return { reasonCode: 0x18, data: Buffer.from(first) };
      }
      const { name, salt, both, exchange } = step.state as {
        name: string;
        salt: Buffer;
        both: string;
        exchange: string;
      };
      const [, final, nonce, proof] = /^(c=biws,r=([^,]*)),p=(.*)$/.exec(said) ?? [];
      const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
      const clientKey = hmac(salted, "Client Key");
      const storedKey = createHash("sha256").update(clientKey).digest();
      const signature = hmac(storedKey, `${exchange},${final}`);
      const wanted = clientKey.map((byte, index) => byte ^ signature[index]);
      const given = Buffer.from(proof ?? "", "base64");
      const isRight = nonce === both && given.length === wanted.length && timingSafeEqual(given, wanted);
      if (name !== user || !isRight) return { reasonCode: 0x87 };
      const serverSignature = hmac(hmac(salted, "Server Key"), `${exchange},${final}`);
      return { reasonCode: 0x00, data: Buffer.from(`v=${serverSignature.toString("base64")}`), userName: name };
    },
  };
}
