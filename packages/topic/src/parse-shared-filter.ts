/**
 * Shared Subscriptions in a Topic Filter: `$share/{ShareName}/{filter}` (MQTT 5.0 section 4.8.2). Splits and validates;
 * groups and members are the server's affair.
 */
import { NUMBER_SIGN, PLUS_SIGN } from "./character-code.js";
import { isPlainTopicFilter } from "./is-plain-topic-filter.js";
import { isTopicString } from "./is-topic-string.js";
import { levelEnd } from "./level-end.js";

const SHARED_PREFIX = "$share/";

/** The two parts of a Shared Subscription's Topic Filter. A group is named by both. */
export interface SharedFilter {
  /** At least one character, none of them `/`, `+` or `#`. */
  shareName: string;
  /** What topics are matched against: a well-formed Topic Filter that is not itself a shared one. */
  topicFilter: string;
}

/** True if `filter` claims to be a Shared Subscription; it may still be a malformed one. `$share` alone does not claim it. */
export function isSharedFilterForm(filter: string): boolean {
  return filter.startsWith(SHARED_PREFIX);
}

/**
 * Takes `$share/{ShareName}/{filter}` apart. Undefined when `filter` does not begin with `$share/`, and when it does but
 * is malformed, so that what comes back is always well-formed: Share Name and filter both, and the whole no longer than
 * 65,535 bytes in UTF-8. `$share/g//finance` gives the filter `/finance`.
 *
 * The inner filter has the syntax of one in a non-shared subscription (4.8.2), so it cannot begin with `$share/` again.
 */
export function parseSharedFilter(filter: string): SharedFilter | undefined {
  if (!isSharedFilterForm(filter)) return undefined;
  const start = SHARED_PREFIX.length;
  const end = levelEnd(filter, start);
  if (end === start) return undefined; // [MQTT-4.8.2-1]
  for (let index = start; index < end; index += 1) {
    const code = filter.charCodeAt(index);
    if (code === PLUS_SIGN || code === NUMBER_SIGN) return undefined; // [MQTT-4.8.2-2]
  }
  const topicFilter = filter.slice(end + 1); // empty, and so refused, when no "/" follows the Share Name [MQTT-4.8.2-2]
  if (isSharedFilterForm(topicFilter) || !isPlainTopicFilter(topicFilter) || !isTopicString(filter)) return undefined;
  return { shareName: filter.slice(start, end), topicFilter };
}
