/** The same as sorting everything. */
import { expect, test } from "vitest";
import { firstInOrder } from "./first-in-order.js";

const names = Array.from({ length: 500 }, (_, index) => String((index * 7919) % 1000).padStart(4, "0"));
const sorted = [...names].sort();

test.each([0, 1, 10, 600])("the first %i", (limit) => {
  expect(firstInOrder(names, (name) => name, limit, undefined)).toEqual(sorted.slice(0, limit));
});

test("behind one of them", () => {
  expect(firstInOrder(names, (name) => name, 3, sorted[99])).toEqual(sorted.slice(100, 103));
  expect(firstInOrder(names, (name) => name, 3, sorted.at(-1))).toEqual([]);
});
