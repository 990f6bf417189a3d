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
import type { ManagedSecurity } from "./managed-security.js";
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
  managed: ManagedSecurity,
): Promise<AuthHooks> {
  try {
    const authentication = await authenticationHooks(sections, directory, logger, managed);
    const { access } = sections;
    return chain(...authentication, ...(access === undefined ? [] : [accessHooks(access, directory, managed)]));
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
  managed: ManagedSecurity,
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
  const { managedUsers } = authentication;
  const sources = [...(users === undefined ? [] : [store]), ...(managedUsers === true ? [managed.users] : [])];
  const find = (userName: string) => sources.map((source) => source.find(userName)).find((user) => user !== undefined);
  if (scram === true) hooks.push(scramSha256({ find }));
  if (sources.length > 0) hooks.push(userPasswords({ find }));
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

function accessHooks({ rules, file, managedRules }: Access, directory: string, managed: ManagedSecurity): AuthHooks {
  const content = { rules, aclFile: file === undefined ? undefined : readText(file, directory) };
  if (managedRules !== true) return accessControl(content);
  const control = accessControl(managed.contentFor(content));
  managed.follow(control, content);
  return control;
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
