export {
  AccessControl,
  type AccessControlContent,
  type AccessControlOptions,
  accessControl,
} from "./access-control.js";
export type { AccessAction, AccessRule } from "./access-rules.js";
export { type AnonymousOptions, anonymous } from "./anonymous.js";
export { AuthError, type AuthErrorCode } from "./auth-error.js";
export type {
  AuthClient,
  AuthenticateRequest,
  AuthHooks,
  AuthHost,
  ConnectedClient,
  Permissions,
  Principal,
  Verdict,
} from "./auth-hooks.js";
export { type Ban, type BanKind, BanList, type BanListOptions } from "./ban-list.js";
export { chain } from "./chain.js";
export { type ClientCertificateOptions, clientCertificate } from "./client-certificate.js";
export { type FlapGuardOptions, flapGuard } from "./flap-guard.js";
export { hashPassword, type PasswordCost } from "./hash-password.js";
export { type HttpHookOptions, httpHook } from "./http-hook.js";
export { type JwtOptions, jwt } from "./jwt.js";
export type { JwksUrl, JwtKeys } from "./jwt-keys.js";
export { type BackoffSteps, type LoginBackoffOptions, loginBackoff } from "./login-backoff.js";
export { PasswordFile, type PasswordFileSource, passwordFile } from "./password-file.js";
export { parsePasswordFile, setPasswordLine } from "./password-lines.js";
export { makeScramKeys } from "./scram-keys.js";
export { scramSha256 } from "./scram-sha-256.js";
export { type PasswordOptions, userPasswords } from "./user-passwords.js";
export {
  MemoryUserStore,
  type MemoryUserStoreOptions,
  type StoredUser,
  type UserSource,
  type UserStore,
} from "./user-store.js";
export { verifyPassword } from "./verify-password.js";
