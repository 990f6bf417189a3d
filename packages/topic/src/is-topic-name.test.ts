import { describe, expect, test } from "vitest";
import { isTopicName } from "./is-topic-name.js";

describe("isTopicName", () => {
  test.each([
    "a",
    "/",
    "//",
    "/a",
    "a/",
    "a//b",
    " ",
    "a b/c d",
    "$SYS/broker/uptime",
    "$",
    "$share/g/a",
    "ACCOUNTS",
    "\u0001",
    "\ufeff",
    "\uffff",
    "\u{1f600}/\u{10ffff}",
    "__proto__/constructor",
  ])("accepts %j", (name) => {
    expect(isTopicName(name)).toBe(true);
  });

  test.each(["#", "+", "a/#", "a/+", "a/+/b", "a#", "a+b", "+a", "/#", "\u{1f600}+"])(
    "[MQTT-4.7.0-1] [3.1.1 MQTT-4.7.1-1] refuses the wildcard in %j",
    (name) => {
      expect(isTopicName(name)).toBe(false);
    },
  );

  test("[MQTT-4.7.3-1] [3.1.1 MQTT-4.7.3-1] refuses the empty name", () => {
    expect(isTopicName("")).toBe(false);
  });

  test.each(["\0", "a\0", "a/\0/b", "\0a"])("[MQTT-4.7.3-2] [3.1.1 MQTT-4.7.3-2] refuses U+0000 in %j", (name) => {
    expect(isTopicName(name)).toBe(false);
  });

  test.each(["a", "\u00e9", "\u20ac", "\u{1f600}"])(
    "[MQTT-4.7.3-3] [3.1.1 MQTT-4.7.3-3] accepts 65,535 bytes of %j and refuses 65,536",
    (character) => {
      const bytes = new TextEncoder().encode(character).length;
      const most = character.repeat(Math.floor(65_535 / bytes)) + "a".repeat(65_535 % bytes);
      expect(new TextEncoder().encode(most)).toHaveLength(65_535);
      expect(isTopicName(most)).toBe(true);
      expect(isTopicName(`${most}a`)).toBe(false);
    },
  );

  test.each(["\ud800", "\udc00", "a\ud83d", "\ude00\ud83d", "\ud83da", "\ud83d\ud83d\ude00", "\udc00\udc00"])(
    "refuses the lone surrogate in %j, which has no UTF-8",
    (name) => {
      expect(isTopicName(name)).toBe(false);
    },
  );
});
