/**
 * The syntax of a Topic Name: what a message is published to (MQTT 5.0 and 3.1.1 sections 4.7.1 and 4.7.3). Says nothing
 * about who may publish there: `$SYS/…` and `$share/…` are well-formed names.
 */
import { NUMBER_SIGN, PLUS_SIGN } from "./character-code.js";
import { isTopicString } from "./is-topic-string.js";

/**
 * True if `name` is a well-formed Topic Name: at least one character, no wildcard, no U+0000, no lone surrogate, at most
 * 65,535 bytes in UTF-8. The number of levels is not limited here; see `topicLevelCount`.
 *
 * In MQTT 5.0 a PUBLISH with a Topic Alias may carry an empty Topic Name (section 3.3.2.3.4); that is for the reader of
 * the packet to allow.
 */
export function isTopicName(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    if (code === PLUS_SIGN || code === NUMBER_SIGN) return false; // [MQTT-4.7.0-1], [3.1.1 MQTT-4.7.1-1]
  }
  return isTopicString(name);
}
