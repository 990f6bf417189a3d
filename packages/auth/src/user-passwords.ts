/**
 * User name and password of CONNECT (MQTT 5.0 section 3.1.3) against stored ones. An unknown user takes the time of a known
 * one, and gets the same answer in the end: `undefined` leaves it to the next in a chain, and the broker refuses whom nobody
 * knows with 0x86 too.
 */
import { ReasonCode } from "@tidings/packet";
import type { AuthenticateRequest, AuthHooks, Verdict } from "./auth-hooks.js";
import type { StoredUser, UserSource } from "./user-store.js";
import { verifyPassword } from "./verify-password.js";
import { isBusy, WorkLimit } from "./work-limit.js";

export interface PasswordOptions {
  /**
   * Passwords being verified at a time, each in a thread of Node's pool of four, which files and names need as well.
   * Default 2.
   */
  verificationsMax?: number;
  /** Clients that wait for their turn; the next one is refused with 0x89. Default 1000. */
  waitingMax?: number;
}

/** Nobody's password, with the cost that `hashPassword` has by default. */
const DECOY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$Y2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6MDEyMzQ1Njc4OTA";

/** Asks `users` for the user of each CONNECT that has a user name. */
export function userPasswords(users: UserSource, options: PasswordOptions = {}): AuthHooks {
  return new UserPasswords(users, options);
}

export class UserPasswords implements AuthHooks {
  private readonly verifications: WorkLimit;

  constructor(
    private readonly users: UserSource,
    { verificationsMax = 2, waitingMax = 1000 }: PasswordOptions,
  ) {
    this.verifications = new WorkLimit(verificationsMax, waitingMax, "a password to be verified");
  }

  /** What an unknown user's password is compared with, for the time that it takes. */
  protected decoy(): string {
    return DECOY;
  }

  async authenticate({ userName, password }: AuthenticateRequest): Promise<Verdict | undefined> {
    if (userName === undefined) return undefined;
    const user = await this.users.find(userName);
    const stored = user?.password ?? this.decoy();
    try {
      const matches = await this.verifications.run(() => verifyPassword(stored, password ?? new Uint8Array()));
      return verdictOn(user, matches && password !== undefined);
    } catch (error) {
      if (isBusy(error)) return { reasonCode: ReasonCode.ServerBusy };
      throw error;
    }
  }
}

function verdictOn(user: StoredUser | undefined, matches: boolean): Verdict | undefined {
  if (user === undefined) return undefined;
  if (!matches || user.password === undefined || user.isDisabled === true) {
    return { reasonCode: ReasonCode.BadUserNameOrPassword };
  }
  return { reasonCode: ReasonCode.Success, userName: user.userName, groups: user.groups };
}
