import { describe, expect, test } from "vitest";
import { PROPERTY_ROW_BY_IDENTIFIER, PROPERTY_ROWS, PropertyIdentifier } from "./property-table.js";

/** `SubscriptionIdentifier` is held as a list, and so is `UserProperty`. */
const fieldNames: Record<string, string> = {
  SubscriptionIdentifier: "subscriptionIdentifiers",
  UserProperty: "userProperties",
};

describe("the property table", () => {
  test.each(Object.entries(PropertyIdentifier))("has a row for %s", (name, identifier) => {
    const field = fieldNames[name] ?? name[0].toLowerCase() + name.slice(1);
    expect(PROPERTY_ROW_BY_IDENTIFIER[identifier]).toMatchObject({ name: field, identifier });
  });

  test("has no other row", () => {
    expect(PROPERTY_ROWS).toHaveLength(Object.keys(PropertyIdentifier).length);
  });
});
