import { expect, test } from "vitest";
import { Emitter } from "./emitter.js";

type Events = { a: (value: number) => void; error: (error: Error) => void };

test("listeners are called in order, once when asked to, and taken away one by one", () => {
  const emitter = new Emitter<Events>();
  const seen: string[] = [];
  const twice = (value: number): void => void seen.push(`twice ${value}`);
  emitter
    .on("a", twice)
    .addListener("a", twice)
    .once("a", (value) => void seen.push(`once ${value}`));
  emitter.prependListener("a", (value) => void seen.push(`first ${value}`));
  emitter.prependOnceListener("a", (value) => void seen.push(`very first ${value}`));
  expect(emitter.emit("a", 1)).toBe(true);
  expect(seen.splice(0)).toEqual(["very first 1", "first 1", "twice 1", "twice 1", "once 1"]);
  emitter.off("a", twice);
  emitter.emit("a", 2);
  expect(seen.splice(0)).toEqual(["first 2", "twice 2"]);
  emitter.removeListener("a", twice);
  emitter.removeListener("a", twice);
  expect([emitter.listenerCount("a"), emitter.listeners("a").length, emitter.eventNames()]).toEqual([1, 1, ["a"]]);
  emitter.removeAllListeners("a");
  expect([emitter.emit("a", 3), emitter.eventNames(), seen]).toEqual([false, [], []]);
});

test("listeners that come and go during an event are for the next one", () => {
  const emitter = new Emitter<Events>();
  const seen: number[] = [];
  emitter.on("a", (value) => {
    seen.push(value);
    if (value === 1) emitter.on("a", (later) => void seen.push(later * 10));
    else emitter.removeAllListeners();
  });
  emitter.emit("a", 1);
  emitter.emit("a", 2);
  emitter.emit("a", 3);
  expect(seen).toEqual([1, 2, 20]);
});

test("an error that nobody listens to ends nothing; what a listener throws comes out", () => {
  const emitter = new Emitter<Events>();
  expect(emitter.emit("error", new Error("nobody"))).toBe(false);
  emitter.on("error", (error) => {
    throw error;
  });
  expect(() => emitter.emit("error", new Error("somebody"))).toThrow("somebody");
});
