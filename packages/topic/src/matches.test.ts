import { describe, expect, test } from "vitest";
import { matches } from "./matches.js";
import { DOLLAR_EXAMPLES, LITERAL_EXAMPLES, MATCHING_EXAMPLES } from "./testing/matching-examples.js";

describe("matches", () => {
  test.each(MATCHING_EXAMPLES)("%j against %j is %j", (filter, name, expected) => {
    expect(matches(filter, name)).toBe(expected);
  });

  test.each(LITERAL_EXAMPLES)(
    "[MQTT-4.7.3-4] [3.1.1 MQTT-4.7.3-4] takes characters as they are: %j against %j is %j",
    (filter, name, expected) => {
      expect(matches(filter, name)).toBe(expected);
    },
  );

  test.each(DOLLAR_EXAMPLES)(
    "[MQTT-4.7.2-1] [3.1.1 MQTT-4.7.2-1] keeps a wildcard in the first level from $ names: %j against %j is %j",
    (filter, name, expected) => {
      expect(matches(filter, name)).toBe(expected);
    },
  );

  test.each([
    ["$share/g/a/+", "a/b", true],
    ["$share/g//finance", "/finance", true],
    ["$share/g/#", "a", true],
    ["$share/g/a", "$share/g/a", false],
    ["$share/g/", "", false],
    ["$share//a", "a", false],
    ["$share/g", "$share/g", false],
  ])("uses the inner filter of a shared one: %j against %j is %j", (filter, name, expected) => {
    expect(matches(filter, name)).toBe(expected);
  });

  test("[MQTT-4.7.2-1] keeps a wildcard in the first level of a shared filter from $ names", () => {
    expect(matches("$share/g/#", "$SYS/a")).toBe(false);
    expect(matches("$share/g/+/a", "$SYS/a")).toBe(false);
    expect(matches("$share/g/$SYS/#", "$SYS/a")).toBe(true);
  });

  test("answers for strings that are not well-formed, too", () => {
    expect(matches("", "")).toBe(false);
    expect(matches("#", "")).toBe(false);
    expect(matches("", "a")).toBe(false);
  });
});
