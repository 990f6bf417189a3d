import { expect, it } from "vitest";
import { assert } from "./assert.js";

it("assert throws a coded error unless the condition holds", () => {
  assert(true);
  assert(1);
  const failure = expect.objectContaining({ name: "AssertionError", code: "TIDINGS_ASSERTION" });
  expect(() => assert(false)).toThrow(failure);
  expect(() => assert(undefined, "why")).toThrow("why");
});
