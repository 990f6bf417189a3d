/** A broker's side of SCRAM-SHA-256 (RFC 5802 section 3) on Node's cryptography, for one user. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { BrokerHooks } from "@tidings/broker";
import { ReasonCode } from "@tidings/packet";

const ITERATIONS = 4_096;

interface Exchange {
  readonly clientFirst: string;
  readonly serverFirst: string;
}

export function scramHooks(userName: string, password: string): BrokerHooks {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  return {
    authenticateEnhanced: (step) => {
      const text = Buffer.from(step.data ?? []).toString();
      if (step.method !== "SCRAM-SHA-256") return { reasonCode: ReasonCode.BadAuthenticationMethod };
      if (step.step === 1) {
        const clientFirst = text.slice("n,,".length);
        const nonce = attribute(clientFirst, "r") + randomBytes(12).toString("base64");
        const serverFirst = `r=${nonce},s=${salt.toString("base64")},i=${ITERATIONS}`;
        step.state = { clientFirst, serverFirst } satisfies Exchange;
        return { reasonCode: ReasonCode.ContinueAuthentication, data: Buffer.from(serverFirst) };
      }
      const { clientFirst, serverFirst } = step.state as Exchange;
      const message = `${clientFirst},${serverFirst},${text.slice(0, text.lastIndexOf(",p="))}`;
      const clientKey = hmac(salted, "Client Key");
      const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]));
      const isKnown =
        attribute(clientFirst, "n") === userName && proof.equals(Buffer.from(attribute(text, "p"), "base64"));
      if (!isKnown) return { reasonCode: ReasonCode.NotAuthorized };
      const verifier = hmac(hmac(salted, "Server Key"), message).toString("base64");
      return { reasonCode: ReasonCode.Success, data: Buffer.from(`v=${verifier}`), userName };
    },
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function attribute(text: string, name: string): string {
  return (
    text
      .split(",")
      .find((part) => part.startsWith(`${name}=`))
      ?.slice(2) ?? ""
  );
}
