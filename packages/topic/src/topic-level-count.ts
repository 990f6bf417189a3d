import { SOLIDUS } from "./character-code.js";

/**
 * How many levels a Topic Name or Topic Filter has (MQTT 5.0 and 3.1.1 section 4.7.1.1): one more than it has
 * separators, so that empty levels count. `"a"` has 1, `"/a"` 2, `"a/+/#"` 3.
 *
 * The text is taken as it stands: `$share/g/a` has 3. Nothing is validated, and the empty string counts as 1.
 */
export function topicLevelCount(topic: string): number {
  let levels = 1;
  for (let index = 0; index < topic.length; index += 1) {
    if (topic.charCodeAt(index) === SOLIDUS) levels += 1;
  }
  return levels;
}
