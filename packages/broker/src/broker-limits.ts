/** The limits of one broker: the defaults, what its embedder set, what changes while it runs. */
import {
  BROKER_LIMITS_DEFAULT,
  type BrokerLimits,
  type BrokerOptions,
  type ChangeableLimits,
} from "./broker-options.js";

/** Tables are made for them. */
const FIXED_LIMITS: ReadonlySet<string> = new Set(["topicLevelsMax", "cachedRoutesMax"]);

export function limitsOf(options: BrokerOptions): BrokerLimits {
  const limits = { ...BROKER_LIMITS_DEFAULT };
  for (const name of Object.keys(limits) as (keyof BrokerLimits)[]) {
    if (options[name] !== undefined) (limits as Record<string, unknown>)[name] = options[name];
  }
  return limits;
}

/** Throws a `RangeError` for what is no limit, or one that cannot change. */
export function changeLimits(limits: BrokerLimits, changes: Partial<ChangeableLimits>): void {
  for (const name of Object.keys(changes) as (keyof ChangeableLimits)[]) {
    if (!(name in BROKER_LIMITS_DEFAULT) || FIXED_LIMITS.has(name)) {
      throw new RangeError(`${name} is no limit that can be changed while the broker runs.`);
    }
    if (changes[name] !== undefined) (limits as unknown as Record<string, unknown>)[name] = changes[name];
  }
}
