/**
 * The syntax of a Topic Filter: what a client subscribes to (MQTT 5.0 and 3.1.1 sections 4.7.1 and 4.7.3, and MQTT 5.0
 * section 4.8.2 for shared ones).
 */
import { isPlainTopicFilter } from "./is-plain-topic-filter.js";
import { isSharedFilterForm, parseSharedFilter } from "./parse-shared-filter.js";

/**
 * True if `filter` is a well-formed Topic Filter: at least one character, `+` alone in its level, `#` alone in the last
 * level, no U+0000, no lone surrogate, at most 65,535 bytes in UTF-8. The number of levels is not limited here; see
 * `topicLevelCount`.
 *
 * A filter that begins with `$share/` is a Shared Subscription, and has to be a well-formed one (see
 * `parseSharedFilter`). MQTT 3.1.1 knows no such form; there too, servers that offer shared subscriptions read it so.
 */
export function isTopicFilter(filter: string): boolean {
  return isSharedFilterForm(filter) ? parseSharedFilter(filter) !== undefined : isPlainTopicFilter(filter);
}
