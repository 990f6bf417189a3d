/** Who asks: a token, compared in constant time, or an administrator with a password. */
import { createHash, timingSafeEqual } from "node:crypto";
import { type UserSource, userPasswords } from "@tidings/auth";
import { ReasonCode } from "@tidings/packet";
import { AdminError } from "./admin-error.js";
import { WrongPasswords } from "./wrong-passwords.js";

export type Identity =
  | { readonly kind: "known"; readonly name: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "too-many" };

const TOKEN = /^[\x21-\x7e]{16,}$/;
const UNKNOWN: Identity = { kind: "unknown" };

export class Credentials {
  private readonly tokens: readonly Buffer[];
  private readonly passwords: ReturnType<typeof userPasswords> | undefined;
  private readonly wrong: WrongPasswords;

  constructor(tokens: readonly string[], administrators: UserSource | undefined, wrongPasswordsMax: number) {
    if (tokens.length === 0 && administrators === undefined) {
      throw new AdminError("TIDINGS_ADMIN_OPTION", "nobody could use the admin API: give it tokens or administrators");
    }
    if (!tokens.every((token) => TOKEN.test(token))) {
      throw new AdminError("TIDINGS_ADMIN_OPTION", "a token is 16 characters or more of ASCII, without spaces");
    }
    this.tokens = tokens.map(digest);
    this.passwords = administrators === undefined ? undefined : userPasswords(administrators);
    this.wrong = new WrongPasswords(wrongPasswordsMax);
  }

  /** For WWW-Authenticate. */
  get challenge(): string {
    const schemes = [...(this.tokens.length > 0 ? ["Bearer"] : []), ...(this.passwords ? ["Basic"] : [])];
    return schemes.map((scheme) => `${scheme} realm="tidings"`).join(", ");
  }

  async identify(authorization: string | undefined, address: string, nowMs: number): Promise<Identity> {
    const [, scheme = "", rest = ""] = /^(\w+) +(\S+)$/.exec(authorization ?? "") ?? [];
    if (scheme.toLowerCase() === "bearer") return this.hasToken(rest) ? { kind: "known", name: "token" } : UNKNOWN;
    if (scheme.toLowerCase() !== "basic" || this.passwords === undefined) return UNKNOWN;
    if (this.wrong.isFull(address, nowMs)) return { kind: "too-many" };
    const pair = Buffer.from(rest, "base64").toString("utf8");
    const colon = pair.indexOf(":");
    const userName = pair.slice(0, Math.max(0, colon));
    const password = new TextEncoder().encode(pair.slice(colon + 1));
    const principal = { clientIdentifier: "", userName, groups: [], claims: undefined, permissions: undefined };
    const client = { clientIdentifier: "", userName, peer: undefined, principal: { ...principal, peer: undefined } };
    const verdict = await this.passwords.authenticate?.({ client, userName, password, connect: client });
    if (verdict?.reasonCode === ReasonCode.Success) return { kind: "known", name: userName };
    if (verdict?.reasonCode === ReasonCode.ServerBusy) return { kind: "too-many" };
    this.wrong.add(address, nowMs);
    return UNKNOWN;
  }

  /** Looks at every token, whichever fits. */
  private hasToken(token: string): boolean {
    const given = digest(token);
    let found = false;
    for (const known of this.tokens) found = timingSafeEqual(known, given) || found;
    return found;
  }
}

/** Of the same length whatever the token's. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
