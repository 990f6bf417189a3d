/**
 * JSON Web Tokens (RFC 7519) as identity, by `jose`: in the password of CONNECT, in its user name, or as Authentication Data
 * of the method "JWT" (MQTT 5.0 section 4.12), by which a client can also renew its token without a new connection.
 */
import { ReasonCode } from "@tidings/packet";
import { type CryptoKey, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import { PermissionGuard } from "./access-guard.js";
import { AuthError } from "./auth-error.js";
import type {
  AuthenticateRequest,
  AuthHooks,
  EnhancedAuthenticateAnswer,
  EnhancedAuthenticateStep,
  Permissions,
  Verdict,
} from "./auth-hooks.js";
import { type JwtKeys, type KeyFinder, keyFinder } from "./jwt-keys.js";
import { claimValues } from "./topic-pattern.js";

export interface JwtOptions {
  /** What signatures are verified with. */
  keys: JwtKeys;
  /**
   * Accepted signature algorithms. Default: HS256, HS384 and HS512 for a secret; RS, PS, ES and EdDSA for public keys.
   * A secret goes with HS algorithms only, and public keys with the others.
   */
  algorithms?: readonly string[];
  /** `iss` must be it, or one of them. */
  issuer?: string | readonly string[];
  /** `aud` must be, or contain, it or one of them. */
  audience?: string | readonly string[];
  /** By how much clocks may differ. Default 0. */
  clockToleranceSeconds?: number;
  /** "optional" lets tokens in that never expire. Default "required". */
  expiry?: "required" | "optional";
  /** Where the token is. Default "password". */
  from?: "password" | "user-name";
  /** Path of the claim that becomes the user name; a token without it is refused. Default "sub". */
  userNameClaim?: string;
  /** Path of a claim that the Client Identifier must be; it names clients that send none. Default: any will do. */
  clientIdentifierClaim?: string;
  /** Path of a claim with one group or a list. */
  groupsClaim?: string;
  /** Paths of claims with a Topic Filter or a list, with `%u` and `%c`. A token with one of them allows what they say and nothing else. */
  permissionClaims?: { publish?: string; subscribe?: string };
  /** Told when keys cannot be had; the client is refused with 0x88. */
  onFailure?: (error: unknown) => void;
  /** Milliseconds since 1970. Default Date.now. */
  now?: () => number;
}

/** The Authentication Method of 5.0. */
const METHOD = "JWT";
/** Three parts of base64url; the last one is not empty: unsigned tokens are none. */
const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Keys tried for one token that names none. */
const CANDIDATE_KEYS_MAX = 16;
/** What `jose` says when it is not the token's fault. */
const KEYS_FAILED: ReadonlySet<string> = new Set(["ERR_JOSE_GENERIC", "ERR_JWKS_INVALID", "ERR_JWKS_TIMEOUT"]);

/**
 * Hooks that let in who has a valid token until it expires (0x87), and bind it to what the token permits. They have no
 * opinion about clients without anything that looks like a token.
 * @throws AuthError `TIDINGS_AUTH_OPTION` for keys and algorithms that do not go together.
 */
export function jwt(options: JwtOptions): AuthHooks {
  return new JwtHooks(options);
}

class JwtHooks extends PermissionGuard {
  private readonly findKey: KeyFinder["find"];
  private readonly algorithms: string[];
  private readonly now: () => number;

  constructor(private readonly options: JwtOptions) {
    super();
    const { find, algorithms } = keyFinder(options.keys);
    this.findKey = find;
    const wrong = options.algorithms?.find((algorithm) => !algorithms.includes(algorithm));
    if (wrong !== undefined) {
      throw new AuthError(
        "TIDINGS_AUTH_OPTION",
        `jwt: ${wrong} does not go with these keys, but ${algorithms.join(", ")}`,
      );
    }
    this.algorithms = [...(options.algorithms ?? algorithms)];
    this.now = options.now ?? Date.now;
  }

  authenticate({ userName, password, connect }: AuthenticateRequest): Promise<Verdict> | undefined {
    const inUserName = this.options.from === "user-name";
    const token = inUserName ? userName : password === undefined ? undefined : Buffer.from(password).toString("latin1");
    if (token === undefined || !TOKEN.test(token)) return undefined;
    return this.verdictOn(token, connect.clientIdentifier);
  }

  authenticateEnhanced(step: EnhancedAuthenticateStep): Promise<EnhancedAuthenticateAnswer> | undefined {
    if (step.method !== METHOD) return undefined;
    const token = Buffer.from(step.data ?? []).toString("latin1");
    const { clientIdentifier } = step.packet as { clientIdentifier?: string };
    return this.verdictOn(token, clientIdentifier ?? step.client.clientIdentifier);
  }

  private async verdictOn(token: string, clientIdentifier: string): Promise<Verdict> {
    let claims: JWTPayload;
    try {
      claims = await this.claimsIn(token);
    } catch (error) {
      return this.refusalFor(error);
    }
    const { userNameClaim = "sub", clientIdentifierClaim, groupsClaim } = this.options;
    const [userName] = claimValues(claims, userNameClaim);
    if (userName === undefined) return refusal(`the token has no claim ${userNameClaim}`);
    let assigned: string | undefined;
    if (clientIdentifierClaim !== undefined) {
      const allowed = claimValues(claims, clientIdentifierClaim);
      if (clientIdentifier === "") assigned = allowed[0];
      if (assigned === undefined && !allowed.includes(clientIdentifier)) {
        const reasonString = "the token is for another Client Identifier";
        return { reasonCode: ReasonCode.ClientIdentifierNotValid, reasonString };
      }
    }
    return {
      reasonCode: ReasonCode.Success,
      userName,
      clientIdentifier: assigned,
      groups: groupsClaim === undefined ? undefined : claimValues(claims, groupsClaim),
      claims,
      permissions: this.permissionsIn(claims),
      expiresAtMs: claims.exp === undefined ? undefined : claims.exp * 1000 + this.toleranceSeconds * 1000,
    };
  }

  private async claimsIn(token: string): Promise<JWTPayload> {
    const requirements = this.requirements();
    try {
      return (await jwtVerify(token, this.findKey, requirements)).payload;
    } catch (error) {
      if (codeOf(error) !== "ERR_JWKS_MULTIPLE_MATCHING_KEYS") throw error;
      // The token does not say which of several keys of one kind it is.
      let tried = 0;
      for await (const key of error as AsyncIterable<CryptoKey>) {
        if (++tried > CANDIDATE_KEYS_MAX) break;
        try {
          return (await jwtVerify(token, key, requirements)).payload;
        } catch (other) {
          if (codeOf(other) !== "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") throw other;
        }
      }
      throw error;
    }
  }

  private get toleranceSeconds(): number {
    return this.options.clockToleranceSeconds ?? 0;
  }

  private requirements(): JWTVerifyOptions {
    const { issuer, audience, expiry = "required" } = this.options;
    return {
      algorithms: this.algorithms,
      issuer: issuer as string | string[] | undefined,
      audience: audience as string | string[] | undefined,
      clockTolerance: this.toleranceSeconds,
      currentDate: new Date(this.now()),
      requiredClaims: expiry === "required" ? ["exp"] : [],
    };
  }

  private permissionsIn(claims: JWTPayload): Permissions | undefined {
    const { publish, subscribe } = this.options.permissionClaims ?? {};
    const has = (path: string | undefined): path is string => path !== undefined && hasClaim(claims, path);
    if (!has(publish) && !has(subscribe)) return undefined;
    return {
      publish: has(publish) ? claimValues(claims, publish) : [],
      subscribe: has(subscribe) ? claimValues(claims, subscribe) : [],
    };
  }

  private refusalFor(error: unknown): Verdict {
    const code = codeOf(error);
    if (code === "ERR_JWT_EXPIRED") return refusal("the token has expired");
    if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
      return refusal(`the token's claim ${(error as { claim?: string }).claim} is missing or not right`);
    }
    if (/^ERR_J(OSE|W[A-Z]+)_/.test(code) && !KEYS_FAILED.has(code)) return refusal("the token is not valid");
    this.options.onFailure?.(error);
    return { reasonCode: ReasonCode.ServerUnavailable };
  }
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

function hasClaim(claims: JWTPayload, path: string): boolean {
  let value: unknown = claims;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return true;
}

function refusal(reasonString: string): Verdict {
  return { reasonCode: ReasonCode.BadUserNameOrPassword, reasonString };
}
