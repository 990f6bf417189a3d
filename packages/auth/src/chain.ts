/**
 * Several hooks as one. Of authentication the first answer decides, of authorization the first refusal; the lowest QoS that
 * is granted holds.
 */
import type { ReasonCode, SubscriptionRequest } from "@tidings/packet";
import type {
  AuthClient,
  AuthHooks,
  EnhancedAuthenticateAnswer,
  EnhancedAuthenticateStep,
  MaybePromise,
} from "./auth-hooks.js";

/** For a place that takes one, such as a listener with its own; the `hooks` of a broker stack by themselves. */
export function chain(...hooks: readonly AuthHooks[]): AuthHooks {
  const exchanges = new WeakMap<object, AuthHooks>();
  const all: Required<AuthHooks> = {
    onAttach: (host) => {
      for (const hook of hooks) hook.onAttach?.(host);
    },
    authorizeConnect: (client) => {
      for (const hook of hooks) {
        const verdict = hook.authorizeConnect?.(client);
        if (isRefusal(verdict?.reasonCode)) return verdict;
      }
      return undefined;
    },
    onConnect: (client) => {
      for (const hook of hooks) hook.onConnect?.(client);
    },
    authenticate: (request) => inOrder(hooks, (hook) => hook.authenticate?.(request), isDecisive),
    authenticateEnhanced: (step) => enhanced(hooks, exchanges, step),
    permitPublish: (...question) => firstRefusal(hooks, (hook) => hook.permitPublish?.(...question)),
    authorizePublish: (publish) => inOrder(hooks, (hook) => hook.authorizePublish?.(publish), isRefusal),
    authorizeSubscribe: (client, subscription) => granted(hooks, client, subscription),
    authorizeReceive: (...question) => firstRefusal(hooks, (hook) => hook.authorizeReceive?.(...question)),
  };
  // A question that none of them answers is not answered: to have no opinion is something else.
  const names = (Object.keys(all) as (keyof AuthHooks)[]).filter((name) => hooks.some((hook) => hook[name]));
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

function firstRefusal(
  hooks: readonly AuthHooks[],
  ask: (hook: AuthHooks) => ReasonCode | undefined,
): ReasonCode | undefined {
  for (const hook of hooks) {
    const code = ask(hook);
    if (isRefusal(code)) return code;
  }
  return undefined;
}

function granted(
  hooks: readonly AuthHooks[],
  client: AuthClient,
  subscription: SubscriptionRequest,
): MaybePromise<ReasonCode | undefined> {
  let least: ReasonCode | undefined;
  const refusal = inOrder(
    hooks,
    (hook) => hook.authorizeSubscribe?.(client, subscription),
    (code) => {
      if (code !== undefined && code < (least ?? 0x80)) least = code;
      return isRefusal(code);
    },
  );
  return isPromise(refusal) ? refusal.then((code) => code ?? least) : (refusal ?? least);
}

/** Whoever answers the first step of an exchange gets the others. */
function enhanced(
  hooks: readonly AuthHooks[],
  exchanges: WeakMap<object, AuthHooks>,
  step: EnhancedAuthenticateStep,
): MaybePromise<EnhancedAuthenticateAnswer | undefined> {
  const { client } = step;
  const asked = step.step === 1 ? hooks : hooks.filter((hook) => hook === exchanges.get(client));
  return inOrder(
    asked,
    (hook) => hook.authenticateEnhanced?.(step),
    (answer, hook) => {
      if (answer === undefined) return false;
      exchanges.set(client, hook);
      return true;
    },
  );
}

function inOrder<T>(
  hooks: readonly AuthHooks[],
  ask: (hook: AuthHooks) => MaybePromise<T | undefined>,
  decides: (answer: T | undefined, hook: AuthHooks) => boolean,
  from = 0,
): MaybePromise<T | undefined> {
  for (let i = from; i < hooks.length; i++) {
    const answer = ask(hooks[i]);
    if (isPromise(answer)) {
      return answer.then((settled) => (decides(settled, hooks[i]) ? settled : inOrder(hooks, ask, decides, i + 1)));
    }
    if (decides(answer, hooks[i])) return answer;
  }
  return undefined;
}

function isDecisive(answer: unknown): boolean {
  return answer !== undefined;
}

function isRefusal(code: ReasonCode | undefined): boolean {
  return code !== undefined && code >= 0x80;
}

function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
