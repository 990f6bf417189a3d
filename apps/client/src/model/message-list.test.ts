import { expect, test } from "vitest";
import { MessageList } from "./message-list.js";
import { MessageRing } from "./message-ring.js";
import { parseSearch } from "./message-search.js";
import { recordOf } from "./testing/record-of.js";

function filled(count: number, messagesMax = 100) {
  const ring = new MessageRing({ messagesMax, bytesMax: 10_000_000 });
  const list = new MessageList(ring);
  const push = (from: number, to: number): void => {
    for (let sequence = from; sequence <= to; sequence += 1) {
      ring.push(recordOf(sequence % 2 ? "odd/topic" : "even/topic", `value ${sequence}`, { sequence }));
    }
    list.update();
  };
  push(1, count);
  const shown = (): number[] => list.records().map(({ sequence }) => sequence);
  return { ring, list, push, shown };
}

test("shows the ring as it is", () => {
  const { list, push, shown } = filled(3);
  expect(shown()).toEqual([1, 2, 3]);
  push(4, 4);
  expect(list.at(3)?.sequence).toBe(4);
  expect(list.indexOf(2)).toBe(1);
  expect(list.indexOf(9)).toBe(-1);
});

test("searches what is there and what comes, and forgets what the ring lets go", () => {
  const { list, push, shown } = filled(4, 6);
  list.search("odd");
  expect(shown()).toEqual([1, 3]);
  push(5, 10);
  expect(shown()).toEqual([5, 7, 9]);
  list.search("");
  expect(shown()).toEqual([5, 6, 7, 8, 9, 10]);
});

test("paused, it keeps what it showed while the ring moves on", () => {
  const { list, push, shown } = filled(3, 4);
  list.pause();
  push(4, 20);
  expect(shown()).toEqual([1, 2, 3]);
  expect(list.missed(20)).toBe(17);
  list.search("even");
  expect(shown()).toEqual([2]);
  list.search("");
  list.resume();
  expect(shown()).toEqual([17, 18, 19, 20]);
  expect(list.missed(20)).toBe(0);
});

test("a search set while paused goes on when resumed", () => {
  const { list, push, shown } = filled(3);
  list.pause();
  list.search("odd");
  push(4, 5);
  list.resume();
  expect(shown()).toEqual([1, 3, 5]);
});

test("clearing shows nothing and ends the pause", () => {
  const { ring, list, push, shown } = filled(3);
  list.search("odd");
  list.pause();
  ring.clear();
  list.clear();
  expect([shown(), list.isPaused]).toEqual([[], false]);
  push(5, 7);
  expect(shown()).toEqual([5, 7]);
});

test.each([
  ["kitchen", true],
  ["KITCHEN", true],
  ["kitchen 21", true],
  ["topic:kitchen", true],
  ["topic:21", false],
  ["-kitchen", false],
  ["-hall 21", true],
  ['"is 21"', true],
  ['"21 is"', false],
  ["-topic:21", true],
  ['"is 21', true],
])("the search %s", (query, expected) => {
  expect(parseSearch(query)!(recordOf("home/Kitchen/temperature", "it is 21.5"))).toBe(expected);
});

test("a search of blanks is none", () => {
  expect(parseSearch("  ")).toBeUndefined();
  expect(parseSearch('""')).toBeUndefined();
});
