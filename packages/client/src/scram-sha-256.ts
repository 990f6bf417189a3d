/**
 * SCRAM-SHA-256 (RFC 5802 and 7677) as enhanced authentication of MQTT 5.0 (section 4.12): neither side sends the password, and
 * the server proves that it knows it as well. Uses WebCrypto, which Node, browsers, Deno, Bun and workers have alike.
 */
import type { Authentication, Authenticator } from "./authenticator.js";
import { ClientError } from "./core/client-error.js";
import { encodeText } from "./encode-text.js";

export interface ScramOptions {
  readonly username: string;
  readonly password: string;
  /** Fewer iterations than this are refused: they would make the password easy to guess. Default 4,096 (RFC 7677). */
  readonly iterationsMin?: number;
  /** More are refused: they would keep the machine busy. Default 1,000,000. */
  readonly iterationsMax?: number;
  /** The client's nonce. Default: 24 letters by chance, from WebCrypto. For tests. */
  readonly nonce?: () => string;
}

const ITERATIONS_MIN_DEFAULT = 4_096;
const ITERATIONS_MAX_DEFAULT = 1_000_000;
const NONCE_BYTES = 18;
/** "n,,": no channel binding, no other identity. */
const GS2_HEADER = "n,,";

/**
 * For the option `authentication`. Where there is no WebCrypto, as in pages over plain HTTP, connecting fails with
 * `TIDINGS_CLIENT_NOT_SUPPORTED`.
 */
export function scramSha256(options: ScramOptions): Authenticator {
  return {
    method: "SCRAM-SHA-256",
    begin: () => {
      if (globalThis.crypto?.subtle === undefined) {
        const message =
          "SCRAM-SHA-256 needs WebCrypto, which browsers give to pages from https:// and localhost alone.";
        throw new ClientError("TIDINGS_CLIENT_NOT_SUPPORTED", message);
      }
      return new ScramExchange(options);
    },
  };
}

class ScramExchange implements Authentication {
  readonly #nonce: string;
  readonly #firstBare: string;
  #expectedSignature: string | undefined;

  readonly #options: ScramOptions;

  constructor(options: ScramOptions) {
    this.#options = options;
    this.#nonce = options.nonce === undefined ? randomNonce() : options.nonce();
    const name = prepared(options.username).replace(/=/g, "=3D").replace(/,/g, "=2C");
    this.#firstBare = `n=${name},r=${this.#nonce}`;
  }

  start(): Uint8Array {
    return encodeText(GS2_HEADER + this.#firstBare);
  }

  async continue(data: Uint8Array | undefined): Promise<Uint8Array> {
    const serverFirst = textOf(data);
    const { r: nonce = "", s: salt = "", i: iterations = "", m } = attributesOf(serverFirst);
    if (m !== undefined) throw new Error("the server demands an extension that SCRAM-SHA-256 does not have");
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) throw new Error("the server's nonce is not its own");
    const count = this.#iterationsOf(iterations);
    const key = await importPassword(prepared(this.#options.password));
    const salted = await saltedPassword(key, bytesOf(salt), count);
    const withoutProof = `c=${base64(encodeText(GS2_HEADER))},r=${nonce}`;
    const message = encodeText(`${this.#firstBare},${serverFirst},${withoutProof}`);
    const clientKey = await hmac(salted, encodeText("Client Key"));
    const storedKey = new Uint8Array(await crypto.subtle.digest("SHA-256", clientKey));
    const signature = await hmac(storedKey, message);
    const proof = clientKey.map((byte, index) => byte ^ signature[index]);
    const serverKey = await hmac(salted, encodeText("Server Key"));
    this.#expectedSignature = base64(await hmac(serverKey, message));
    return encodeText(`${withoutProof},p=${base64(proof)}`);
  }

  finish(data: Uint8Array | undefined): void {
    const { v: signature, e: error } = attributesOf(textOf(data));
    if (error !== undefined) throw new Error(`the server says ${error}`);
    if (this.#expectedSignature === undefined || signature !== this.#expectedSignature) {
      throw new Error("the server did not prove that it knows the password");
    }
  }

  #iterationsOf(text: string): number {
    const { iterationsMin = ITERATIONS_MIN_DEFAULT, iterationsMax = ITERATIONS_MAX_DEFAULT } = this.#options;
    const count = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
    if (count < iterationsMin || count > iterationsMax) {
      throw new Error(`the server wants ${text} iterations, not ${iterationsMin} to ${iterationsMax}`);
    }
    return count;
  }
}

/** The part of SASLprep (RFC 4013) that matters for what people type: compatible forms made one, odd spaces plain. */
function prepared(text: string): string {
  return text.replace(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g, " ").normalize("NFKC");
}

function attributesOf(text: string): Record<string, string | undefined> {
  const attributes: Record<string, string | undefined> = {};
  for (const part of text.split(",")) if (part[1] === "=") attributes[part[0]] = part.slice(2);
  return attributes;
}

function textOf(data: Uint8Array | undefined): string {
  if (data === undefined) throw new Error("the server sent no Authentication Data");
  return new TextDecoder("utf-8", { fatal: true }).decode(data);
}

function importPassword(password: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encodeText(password), "PBKDF2", false, ["deriveBits"]);
}

async function saltedPassword(key: CryptoKey, salt: Bytes, iterations: number): Promise<Bytes> {
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256));
}

async function hmac(secret: Bytes, data: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, data));
}

function randomNonce(): string {
  return base64(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function bytesOf(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

type Bytes = Uint8Array<ArrayBuffer>;
