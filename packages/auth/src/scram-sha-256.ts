/**
 * SCRAM-SHA-256 (RFC 5802 and 7677) as enhanced authentication (MQTT 5.0 section 4.12), the server's side: the password
 * never crosses the wire, and the server proves that it knows it too. No channel binding.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ReasonCode } from "@tidings/packet";
import type { AuthHooks, EnhancedAuthenticateAnswer, EnhancedAuthenticateStep } from "./auth-hooks.js";
import { decoyScramKeys, hmac, parseScramKeys, type ScramKeys, saslPrepared } from "./scram-keys.js";
import type { StoredUser, UserSource } from "./user-store.js";

const METHOD = "SCRAM-SHA-256";
const NONCE_BYTES = 18;

/** Hooks for clients whose Authentication Method is SCRAM-SHA-256, against the `scramKeys` of users. */
export function scramSha256(users: UserSource): AuthHooks {
  // Unknown users get a salt as well, which must not change from one attempt to the next.
  const secret = randomBytes(32);
  return {
    authenticateEnhanced(step) {
      if (step.method !== METHOD) return undefined;
      return step.step === 1 ? begin(users, secret, step) : conclude(step);
    },
  };
}

interface Exchange {
  readonly user: StoredUser | undefined;
  readonly keys: ScramKeys;
  readonly gs2Header: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly nonce: string;
}

async function begin(
  users: UserSource,
  secret: Uint8Array,
  step: EnhancedAuthenticateStep,
): Promise<EnhancedAuthenticateAnswer> {
  // "n": no channel binding; "y": the client could, and believes that the server cannot. No other identity (authzid).
  const first = /^([ny],,)(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,[a-zA-Z]=[^,]*)*)$/.exec(textOf(step.data));
  if (first === null) return refusal("the client-first-message of SCRAM is not valid");
  const [, gs2Header, clientFirstBare, escapedName, clientNonce] = first;
  if (escapedName === "" || /=(?!2C|3D)/.test(escapedName)) return refusal("the user name of SCRAM is not valid");
  const userName = saslPrepared(escapedName.replace(/=2C/g, ",").replace(/=3D/g, "="));
  const found = await users.find(userName);
  const user = found?.scramKeys === undefined || found.isDisabled === true ? undefined : found;
  const keys = user?.scramKeys === undefined ? decoyScramKeys(secret, userName) : parseScramKeys(user.scramKeys);
  const nonce = clientNonce + randomBytes(NONCE_BYTES).toString("base64");
  const serverFirst = `r=${nonce},s=${Buffer.from(keys.salt).toString("base64")},i=${keys.iterations}`;
  step.state = { user, keys, gs2Header, clientFirstBare, serverFirst, nonce } satisfies Exchange;
  return { reasonCode: ReasonCode.ContinueAuthentication, data: Buffer.from(serverFirst) };
}

function conclude(step: EnhancedAuthenticateStep): EnhancedAuthenticateAnswer {
  const { user, keys, gs2Header, clientFirstBare, serverFirst, nonce } = step.state as Exchange;
  const final = /^((c=[A-Za-z0-9+/=]+),r=([^,]+)(?:,[a-zA-Z]=[^,]*)*),p=([A-Za-z0-9+/=]+)$/.exec(textOf(step.data));
  if (step.step !== 2 || final === null) return refusal("the client-final-message of SCRAM is not valid");
  const [, withoutProof, binding, repeatedNonce, proofText] = final;
  if (binding !== `c=${Buffer.from(gs2Header).toString("base64")}` || repeatedNonce !== nonce) {
    return refusal("the client-final-message of SCRAM belongs to another exchange");
  }
  const message = `${clientFirstBare},${serverFirst},${withoutProof}`;
  const proof = Buffer.from(proofText, "base64");
  const signature = hmac(keys.storedKey, message);
  const clientKey = signature.map((byte, index) => byte ^ (proof[index] ?? 0));
  const storedKey = createHash("sha256").update(clientKey).digest();
  const isProven = proof.length === signature.length && timingSafeEqual(storedKey, keys.storedKey);
  if (!isProven || user === undefined) return refusal("user name or password is wrong");
  return {
    reasonCode: ReasonCode.Success,
    data: Buffer.from(`v=${hmac(keys.serverKey, message).toString("base64")}`),
    userName: user.userName,
    groups: user.groups,
  };
}

/** Empty for bytes that are no text. */
function textOf(data: Uint8Array | undefined): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return "";
  }
}

function refusal(reasonString: string): EnhancedAuthenticateAnswer {
  return { reasonCode: ReasonCode.BadUserNameOrPassword, reasonString };
}
