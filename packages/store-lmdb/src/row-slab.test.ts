import { expect, test } from "vitest";
import { RowSlab } from "./row-slab.js";

const row = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

function takeAll(slab: RowSlab): [length: number, fill: number][] {
  const rows: [number, number][] = [];
  while (slab.take((bytes, start, end) => rows.push([end - start, bytes[start]])) > 0);
  return rows;
}

test("rows come out as they went in, in their order", () => {
  const slab = new RowSlab(10_000_000);
  const lengths = [10, 600_000, 500_000, 3_000_000, 1, 700_000];
  for (const [index, length] of lengths.entries()) expect(slab.add(row(length, index))).toBe(true);
  expect(slab.size).toBe(6);
  expect(takeAll(slab)).toEqual(lengths.map((length, index) => [length, index]));
  expect(slab.size).toBe(0);
  expect(takeAll(slab)).toEqual([]);
});

test("more than it may have is refused", () => {
  const slab = new RowSlab(100);
  expect([slab.add(row(90, 1)), slab.add(row(20, 2)), slab.add(row(10, 3))]).toEqual([true, false, true]);
  expect(takeAll(slab)).toEqual([
    [90, 1],
    [10, 3],
  ]);
});
