/**
 * Whoever fails to log in has to wait, longer each time: for a user name and for an address. While it lasts, every CONNECT with
 * that name or from that address is refused with 0x97 (0x03 before 5.0) at once, without a look at its password: nothing is
 * held and nothing is hashed. Addresses are judged more strictly than names, because anybody can fail in somebody's name.
 */
import { ReasonCode } from "@tidings/packet";
import { networkOf } from "@tidings/transport";
import type { AuthClient, AuthHooks, MaybePromise, Verdict } from "./auth-hooks.js";
import { chain } from "./chain.js";
import { RecentKeys } from "./recent-keys.js";

/** How the waiting grows. */
export interface BackoffSteps {
  /** Failures that cost nothing. */
  readonly failuresMax?: number;
  /** After the first one beyond; doubled by each further one. */
  readonly firstDelayMs?: number;
  readonly delayMsMax?: number;
}

export interface LoginBackoffOptions {
  /** Default: 10 failures, then 1,000 ms, up to 30,000 ms. */
  readonly perUser?: BackoffSteps;
  /** IPv6: for each /64 network. Default: 5 failures, then 1,000 ms, up to 900,000 ms. */
  readonly perAddress?: BackoffSteps;
  /** Without a failure for this long, all is forgotten. Default 3,600,000 ms. */
  readonly forgetAfterMs?: number;
  /** User names and addresses that are remembered, each. Default 10,000, about 2 MB. */
  readonly trackedMax?: number;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number;
}

interface Failures {
  readonly count: number;
  readonly lastMs: number;
  readonly untilMs: number;
}

/** Failures whose reason is who the client says it is. */
const FAILURES: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.BadAuthenticationMethod,
]);

const TOO_SOON: Verdict = {
  reasonCode: ReasonCode.QuotaExceeded,
  reasonString: "too many failed logins; try again later",
};

/**
 * `hooks` with this before their authentication. Give it all that authenticate: a user whom none of them knows is a failure too.
 */
export function loginBackoff(hooks: AuthHooks, options: LoginBackoffOptions = {}): AuthHooks {
  const failures = new FailedLogins(options);
  const all = chain(hooks);
  const { authenticate, authenticateEnhanced } = all;
  if (authenticate !== undefined) {
    all.authenticate = (request) => {
      const { client } = request;
      if (failures.isTooSoon(client)) return TOO_SOON;
      return judged(authenticate(request), (verdict) => failures.judge(client, verdict ?? NOBODY));
    };
  }
  if (authenticateEnhanced !== undefined) {
    all.authenticateEnhanced = (step) => {
      const { client } = step;
      // Whoever has passed the first step is told how the exchange ends.
      if (step.step === 1 && failures.isTooSoon(client)) return TOO_SOON;
      return judged(authenticateEnhanced(step), (answer) => answer && failures.judge(client, answer));
    };
  }
  return all;
}

/** The broker will say so. */
const NOBODY: Verdict = { reasonCode: ReasonCode.BadUserNameOrPassword };

function judged<T>(answer: MaybePromise<T>, judge: (answer: T) => void): MaybePromise<T> {
  const pass = (settled: T): T => {
    judge(settled);
    return settled;
  };
  return answer instanceof Promise ? answer.then(pass) : pass(answer);
}

class FailedLogins {
  private readonly users: RecentKeys<Failures>;
  private readonly addresses: RecentKeys<Failures>;
  private readonly perUser: Required<BackoffSteps>;
  private readonly perAddress: Required<BackoffSteps>;
  private readonly forgetAfterMs: number;
  private readonly now: () => number;

  constructor({ perUser, perAddress, forgetAfterMs, trackedMax = 10_000, now = Date.now }: LoginBackoffOptions) {
    this.users = new RecentKeys(trackedMax);
    this.addresses = new RecentKeys(trackedMax);
    this.perUser = { failuresMax: 10, firstDelayMs: 1000, delayMsMax: 30_000, ...perUser };
    this.perAddress = { failuresMax: 5, firstDelayMs: 1000, delayMsMax: 900_000, ...perAddress };
    this.forgetAfterMs = forgetAfterMs ?? 3_600_000;
    this.now = now;
  }

  isTooSoon(client: AuthClient): boolean {
    const nowMs = this.now();
    const { user, address } = keysOf(client);
    const waits = (table: RecentKeys<Failures>, key: string | undefined): boolean =>
      key !== undefined && nowMs < (table.get(key)?.untilMs ?? 0);
    return waits(this.users, user) || waits(this.addresses, address);
  }

  judge(client: AuthClient, { reasonCode }: Verdict): void {
    const { user, address } = keysOf(client);
    if (reasonCode === ReasonCode.Success) {
      // An address keeps its failures: whoever guesses may have a user of his own to succeed with in between.
      if (user !== undefined) this.users.delete(user);
      return;
    }
    if (!FAILURES.has(reasonCode)) return;
    if (user !== undefined) this.add(this.users, user, this.perUser);
    if (address !== undefined) this.add(this.addresses, address, this.perAddress);
  }

  private add(table: RecentKeys<Failures>, key: string, steps: Required<BackoffSteps>): void {
    const nowMs = this.now();
    const known = table.get(key);
    const count = known === undefined || nowMs - known.lastMs >= this.forgetAfterMs ? 1 : known.count + 1;
    const beyond = count - steps.failuresMax;
    const delayMs = beyond <= 0 ? 0 : Math.min(steps.delayMsMax, steps.firstDelayMs * 2 ** (beyond - 1));
    table.set(key, { count, lastMs: nowMs, untilMs: nowMs + delayMs });
  }
}

interface Keys {
  readonly user: string | undefined;
  readonly address: string | undefined;
}

function keysOf({ userName, peer }: AuthClient): Keys {
  const { address } = (peer ?? {}) as { address?: unknown };
  return { user: userName, address: typeof address === "string" ? networkOf(address) : undefined };
}
