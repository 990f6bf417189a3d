import { expect, test } from "vitest";
import { topicLevelCount } from "./topic-level-count.js";

test.each([
  ["", 1],
  ["a", 1],
  ["/", 2],
  ["/a", 2],
  ["a/", 2],
  ["a//b", 3],
  ["a/+/#", 3],
  ["$share/g/a", 3],
  ["/".repeat(65_535), 65_536],
])("topicLevelCount counts the levels of %j", (topic, levels) => {
  expect(topicLevelCount(topic)).toBe(levels);
});
