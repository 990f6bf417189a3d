import { describe, expect, test } from "vitest";
import { parseSharedFilter } from "./parse-shared-filter.js";

describe("parseSharedFilter", () => {
  test.each([
    ["$share/g/a", "g", "a"],
    ["$share/g/a/+/#", "g", "a/+/#"],
    ["$share/consumer one/sport/tennis/#", "consumer one", "sport/tennis/#"],
    ["$share/g//finance", "g", "/finance"],
    ["$share/g//", "g", "/"],
    ["$share/g/#", "g", "#"],
    ["$share/$g/$SYS/#", "$g", "$SYS/#"],
    ["$share/g/$shared/a", "g", "$shared/a"],
  ])("takes %j apart", (filter, shareName, topicFilter) => {
    expect(parseSharedFilter(filter)).toEqual({ shareName, topicFilter });
  });

  test.each(["a", "#", "", "$share", "$shared/g/a", "$SHARE/g/a", "a/$share/g/b", "$SYS/#"])(
    "answers undefined for %j, which is not shared",
    (filter) => {
      expect(parseSharedFilter(filter)).toBeUndefined();
    },
  );

  test.each(["$share/", "$share//", "$share//a"])(
    "[MQTT-4.8.2-1] answers undefined for %j: the Share Name has a character",
    (filter) => {
      expect(parseSharedFilter(filter)).toBeUndefined();
    },
  );

  test.each(["$share/g", "$share/g/", "$share/+/a", "$share/#/a", "$share/a+b/c", "$share/g/a#", "$share/g/+a"])(
    "[MQTT-4.8.2-2] answers undefined for %j: no wildcard in the Share Name, and a filter after it",
    (filter) => {
      expect(parseSharedFilter(filter)).toBeUndefined();
    },
  );

  test("answers undefined when the whole is longer than 65,535 bytes, or the filter is shared again", () => {
    expect(parseSharedFilter(`$share/g/${"a".repeat(65_526)}`)).toBeDefined();
    expect(parseSharedFilter(`$share/g/${"a".repeat(65_527)}`)).toBeUndefined();
    expect(parseSharedFilter("$share/g/$share/h/a")).toBeUndefined();
  });
});
