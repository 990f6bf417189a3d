import { NUMBER_SIGN, PLUS_SIGN } from "./character-code.js";
import { isTopicString } from "./is-topic-string.js";
import { levelEnd } from "./level-end.js";

/** `isTopicFilter` without the shared form: a `$share` level means nothing here. */
export function isPlainTopicFilter(filter: string): boolean {
  const length = filter.length;
  for (let start = 0, end: number; start <= length; start = end + 1) {
    end = levelEnd(filter, start);
    for (let index = start; index < end; index += 1) {
      const code = filter.charCodeAt(index);
      if (code === PLUS_SIGN && end - start > 1) return false; // [MQTT-4.7.1-2], [3.1.1 MQTT-4.7.1-3]
      if (code === NUMBER_SIGN && (end - start > 1 || end < length)) return false; // [MQTT-4.7.1-1], [3.1.1 MQTT-4.7.1-2]
    }
  }
  return isTopicString(filter);
}
