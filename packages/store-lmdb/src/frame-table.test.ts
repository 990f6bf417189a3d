import { expect, test } from "vitest";
import { Frame, FrameTable } from "./frame-table.js";

function frameOf(table: FrameTable, first: number, numbers: readonly number[]): Frame {
  const frame = new Frame(first);
  for (const number of numbers) {
    const index = frame.addRecord(number);
    table.grow(frame, index, 10);
  }
  return frame;
}

test("finds records of a merged frame under the numbers of the frames that it was made of", () => {
  const table = new FrameTable();
  const frames = [1, 4, 7, 10].map((first) => frameOf(table, first, [first, first + 1, first + 2]));
  for (const frame of frames) table.append(frame);
  table.remove(frames[1]);
  const merged = frameOf(table, 1, [2, 8, 9]);
  table.replace([frames[0], frames[2]], merged);
  expect([9, 8, 2].map((number) => table.find(number))).toEqual([merged, merged, merged]);
  expect([1, 5, 7].map((number) => table.find(number))).toEqual([undefined, undefined, undefined]);
  expect(table.find(11)).toBe(frames[3]);
  expect(table.size).toBe(2);
  table.remove(merged);
  expect([table.size, table.find(8), table.find(12)]).toEqual([1, undefined, frames[3]]);
});
