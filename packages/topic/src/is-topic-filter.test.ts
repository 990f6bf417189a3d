import { describe, expect, test } from "vitest";
import { isTopicFilter } from "./is-topic-filter.js";

describe("isTopicFilter", () => {
  test.each([
    "a",
    "/",
    "#",
    "+",
    "/#",
    "/+",
    "+/",
    "+/+",
    "+/#",
    "a/#",
    "a/+",
    "a/+/b",
    "a//#",
    "+/a/#",
    "$SYS/#",
    "$SYS/+",
    "$",
    "$share",
    "$shared/a",
    "sport/tennis/player1/#",
    "\u{1f600}/+",
  ])("accepts %j", (filter) => {
    expect(isTopicFilter(filter)).toBe(true);
  });

  test.each(["a#", "#a", "a/#/b", "#/", "#/a", "a/b#", "a/#b", "##", "a/##", "/#/", "+#", "#+", "\u{1f600}#"])(
    "[MQTT-4.7.1-1] [3.1.1 MQTT-4.7.1-2] refuses %j: # stands alone in the last level",
    (filter) => {
      expect(isTopicFilter(filter)).toBe(false);
    },
  );

  test.each(["a+", "+a", "a/b+", "a/+b/c", "++", "a/++", "sport+", "+\u{1f600}"])(
    "[MQTT-4.7.1-2] [3.1.1 MQTT-4.7.1-3] refuses %j: + fills its level",
    (filter) => {
      expect(isTopicFilter(filter)).toBe(false);
    },
  );

  test("[MQTT-4.7.3-1] [3.1.1 MQTT-4.7.3-1] refuses the empty filter", () => {
    expect(isTopicFilter("")).toBe(false);
  });

  test.each(["\0", "a/\0", "+/\0/#", "$share/g/\0", "$share/\0/a"])(
    "[MQTT-4.7.3-2] [3.1.1 MQTT-4.7.3-2] refuses U+0000 in %j",
    (filter) => {
      expect(isTopicFilter(filter)).toBe(false);
    },
  );

  test.each(["", "+/", "$share/g/"])(
    "[MQTT-4.7.3-3] [3.1.1 MQTT-4.7.3-3] accepts 65,535 bytes and refuses 65,536 after %j",
    (start) => {
      const most = start + "a".repeat(65_535 - start.length);
      expect(isTopicFilter(most)).toBe(true);
      expect(isTopicFilter(`${most}a`)).toBe(false);
      expect(isTopicFilter(`${most.slice(0, -1)}\u00e9`)).toBe(false);
    },
  );

  test.each(["\ud800", "+/\udc00", "a\ud83d/#"])("refuses the lone surrogate in %j", (filter) => {
    expect(isTopicFilter(filter)).toBe(false);
  });

  test.each(["$share/g/a", "$share/g//finance", "$share/g/#", "$share/g/+/a", "$share/$g/$SYS/#", "$share/g//"])(
    "accepts the shared %j",
    (filter) => {
      expect(isTopicFilter(filter)).toBe(true);
    },
  );

  test.each(["$share/", "$share//", "$share//a", "$share//#"])(
    "[MQTT-4.8.2-1] refuses %j: the Share Name has a character",
    (filter) => {
      expect(isTopicFilter(filter)).toBe(false);
    },
  );

  test.each([
    "$share/g",
    "$share/g/",
    "$share/+/a",
    "$share/#",
    "$share/g+/a",
    "$share/#g/a",
    "$share/g/a#",
    "$share/g/#/a",
  ])("[MQTT-4.8.2-2] refuses %j: no wildcard in the Share Name, and a filter after it", (filter) => {
    expect(isTopicFilter(filter)).toBe(false);
  });

  test("refuses a shared filter in a shared filter", () => {
    expect(isTopicFilter("$share/g/$share/h/a")).toBe(false);
  });
});
