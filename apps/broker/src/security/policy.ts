/** The hooks of one pair of sections `authentication` and `access`. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  AuthError,
  type AuthHooks,
  accessControl,
  anonymous,
  chain,
  clientCertificate,
  httpHook,
  type JwtKeys,
  jwt,
  MemoryUserStore,
  passwordFile,
  scramSha256,
  userPasswords,
} from "@tidings/auth";
import { ReasonCode } from "@tidings/packet";
import type { Configuration } from "../config/schema.js";
import type { Logger } from "../logger.js";
import { SecurityFailure } from "./security-failure.js";

type Authentication = NonNullable<Configuration["authentication"]>;
type Access = NonNullable<Configuration["access"]>;

export interface PolicySections {
  readonly authentication: Authentication | undefined;
  readonly access: Access | undefined;
  /** Clients without a user name may come in. */
  readonly allowAnonymous: boolean;
}

/** Rejects with a `SecurityFailure`. `place` begins its message. */
export async function policyOf(
  sections: PolicySections,
  place: string,
  directory: string,
  logger: Logger,
): Promise<AuthHooks> {
  try {
    const authentication = await authenticationHooks(sections, directory, logger);
    const { access } = sections;
    return chain(...authentication, ...(access === undefined ? [] : [accessHooks(access, directory)]));
  } catch (error) {
    if (error instanceof SecurityFailure || error instanceof AuthError) {
      throw new SecurityFailure(`${place}: ${error.message}`);
    }
    throw error;
  }
}

async function authenticationHooks(
  { authentication, allowAnonymous }: PolicySections,
  directory: string,
  logger: Logger,
): Promise<AuthHooks[]> {
  // Nobody is asked, so everybody is who they say.
  if (authentication === undefined || !isUsed(authentication)) {
    return allowAnonymous ? [{ authenticate: () => WELCOME }] : [];
  }
  const { users, passwordFile: file, clientCertificate: certificate, jwt: token, http, scram } = authentication;
  const onFailure = (error: unknown): void => logger.warn({ err: error }, "an authentication service does not answer");
  const hooks: AuthHooks[] = [];
  if (certificate !== undefined) hooks.push(clientCertificate(certificate));
  if (token !== undefined) {
    const { secret: _s, publicKey: _p, jwksFile: _f, jwksUrl: _u, ...options } = token;
    hooks.push(jwt({ ...options, keys: jwtKeys(token, directory), onFailure }));
  }
  const store = new MemoryUserStore();
  for (const { name, ...user } of users ?? []) await store.put({ userName: name, ...user });
  if (scram === true) hooks.push(scramSha256(store));
  if (users !== undefined) hooks.push(userPasswords(store));
  if (file !== undefined) hooks.push(passwordFile({ text: readText(file, directory) }));
  if (http !== undefined) hooks.push(httpHook({ ...http, onFailure }));
  if (allowAnonymous) hooks.push(anonymous());
  return hooks;
}

const WELCOME = { reasonCode: ReasonCode.Success };

function isUsed(authentication: Authentication): boolean {
  return Object.values(authentication).some((source) => source !== undefined && source !== false);
}

function jwtKeys(token: NonNullable<Authentication["jwt"]>, directory: string): JwtKeys {
  const { secret, publicKey, jwksFile, jwksUrl } = token;
  if (secret !== undefined) return { secret };
  if (publicKey !== undefined) {
    return { publicKeys: [publicKey.startsWith("-----BEGIN") ? publicKey : readText(publicKey, directory)] };
  }
  if (jwksFile !== undefined) return { jwks: readJson(jwksFile, directory) };
  return { jwksUrl: jwksUrl as string };
}

function accessHooks({ rules, file }: Access, directory: string): AuthHooks {
  return accessControl({ rules, aclFile: file === undefined ? undefined : readText(file, directory) });
}

function readText(file: string, directory: string): string {
  const path = resolve(directory, file);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SecurityFailure(`cannot read ${path}: ${(error as Error).message}`);
  }
}

function readJson(file: string, directory: string): { keys: object[] } {
  const text = readText(file, directory);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SecurityFailure(`${resolve(directory, file)} is no JSON: ${(error as Error).message}`);
  }
}
