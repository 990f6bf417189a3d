/** What is wrong with what this package was given, for the one who configures it: what, where, what to do. */

export type AuthErrorCode =
  /** A stored password is in no form that is known here. */
  | "TIDINGS_PASSWORD_HASH"
  /** A line of a password file. */
  | "TIDINGS_PASSWORD_FILE"
  /** A line of an ACL file. */
  | "TIDINGS_ACL_FILE"
  /** A rule of access control. */
  | "TIDINGS_ACCESS_RULE"
  /** An option that cannot be. */
  | "TIDINGS_AUTH_OPTION"
  /** A ban of an address that is none. */
  | "TIDINGS_BAN"
  /** More wait to be decided than may. */
  | "TIDINGS_AUTH_BUSY";

/** Test by `code`. */
export class AuthError extends Error {
  constructor(
    readonly code: AuthErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "AuthError";
  }
}
