/** Topic Filters as MQTT.js's `validateTopic` and `validateTopics` look at them: the wildcards alone. */

/** Whether each `+` is a level of its own, and `#` the last one. */
export function validateTopic(topic: string): boolean {
  const levels = topic.split("/");
  const last = levels.length - 1;
  return levels.every((level, index) => level === "+" || (level === "#" && index === last) || !/[+#]/.test(level));
}

/** The first one that is not valid, or null. */
export function validateTopics(topics: readonly string[]): string | null {
  return topics.length === 0 ? "empty_topic_list" : (topics.find((topic) => !validateTopic(topic)) ?? null);
}
