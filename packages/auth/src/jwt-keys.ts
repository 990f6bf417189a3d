/** What signatures of tokens are verified with: a shared secret, public keys at hand, or a key set behind a URL. */
import { createPublicKey } from "node:crypto";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  type JSONWebKeySet,
  type JWK,
  type JWSHeaderParameters,
  type JWTVerifyGetKey,
} from "jose";
import { AuthError } from "./auth-error.js";

export type JwtKeys =
  /** Shared with whoever signs: at least 32 bytes. A string counts as its UTF-8 bytes. */
  | { readonly secret: string | Uint8Array }
  /** PEM texts of public keys or certificates. */
  | { readonly publicKeys: readonly string[] }
  /** A JSON Web Key Set (RFC 7517). */
  | { readonly jwks: { readonly keys: readonly object[] } }
  | JwksUrl;

export interface JwksUrl {
  /** Where the set is: `https:`, or `http:` on this machine. Read when it is first needed. */
  readonly jwksUrl: string;
  /** A set that is older is read again before it is used. Default 600. */
  readonly maximumAgeSeconds?: number;
  /** A token with an unknown key makes the set be read again, at most this often: keys rotate. Default 30. */
  readonly cooldownSeconds?: number;
  /** Default 5000. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KeyFinder {
  readonly find: JWTVerifyGetKey;
  /** That go with these keys. */
  readonly algorithms: readonly string[];
}

const SECRET_BYTES_MIN = 32;
const SECRET_ALGORITHMS = ["HS256", "HS384", "HS512"];
const PUBLIC_ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** @throws AuthError `TIDINGS_AUTH_OPTION`. */
export function keyFinder(keys: JwtKeys): KeyFinder {
  if ("secret" in keys) return { find: secretFinder(keys.secret), algorithms: SECRET_ALGORITHMS };
  if ("publicKeys" in keys) return { find: publicKeyFinder(keys.publicKeys), algorithms: PUBLIC_ALGORITHMS };
  if ("jwks" in keys) return { find: keySetFinder(keys.jwks as JSONWebKeySet), algorithms: PUBLIC_ALGORITHMS };
  return { find: urlFinder(keys), algorithms: PUBLIC_ALGORITHMS };
}

function secretFinder(secret: string | Uint8Array): JWTVerifyGetKey {
  const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : Uint8Array.from(secret);
  if (bytes.length < SECRET_BYTES_MIN) {
    throw wrong(`the secret has ${bytes.length} bytes; with fewer than ${SECRET_BYTES_MIN} it can be guessed`);
  }
  return async () => bytes;
}

function publicKeyFinder(pems: readonly string[]): JWTVerifyGetKey {
  if (pems.length === 0) throw wrong("there is no public key");
  const keys = pems.map((pem, index) => {
    try {
      return createPublicKey(pem).export({ format: "jwk" }) as JWK;
    } catch (cause) {
      throw wrong(`public key ${index + 1} is no PEM text of a public key or a certificate`, cause);
    }
  });
  const find = createLocalJWKSet({ keys });
  // These keys have no names; a token may name its key all the same.
  return async (header) => find({ ...header, kid: undefined } as JWSHeaderParameters & { alg: string });
}

function keySetFinder(jwks: JSONWebKeySet): JWTVerifyGetKey {
  try {
    return createLocalJWKSet(jwks);
  } catch (cause) {
    throw wrong("the key set is not a JSON Web Key Set", cause);
  }
}

function urlFinder({
  jwksUrl,
  maximumAgeSeconds = 600,
  cooldownSeconds = 30,
  timeoutMs,
  headers,
}: JwksUrl): JWTVerifyGetKey {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined;
  const isLocal = url !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url === undefined || !(url.protocol === "https:" || (url.protocol === "http:" && isLocal))) {
    throw wrong(`${jwksUrl} is no https: URL; whoever can change what it says could sign tokens`);
  }
  return createRemoteJWKSet(url, {
    cacheMaxAge: maximumAgeSeconds * 1000,
    cooldownDuration: cooldownSeconds * 1000,
    timeoutDuration: timeoutMs,
    headers,
  });
}

function wrong(what: string, cause?: unknown): AuthError {
  return new AuthError("TIDINGS_AUTH_OPTION", `jwt: ${what}`, { cause });
}
