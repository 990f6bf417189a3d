/** Clients that name neither a user nor a password. */
import { ReasonCode } from "@tidings/packet";
import type { AuthHooks } from "./auth-hooks.js";

export interface AnonymousOptions {
  groups?: readonly string[];
}

/** Hooks that let in whoever claims to be nobody, and have no opinion about others. */
export function anonymous({ groups }: AnonymousOptions = {}): AuthHooks {
  return {
    authenticate: ({ userName, password }) =>
      userName === undefined && password === undefined ? { reasonCode: ReasonCode.Success, groups } : undefined,
  };
}
