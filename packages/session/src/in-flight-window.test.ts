import { describe, expect, test } from "vitest";
import { Awaiting, InFlightWindow } from "./in-flight-window.js";

const misuse = expect.objectContaining({ code: "TIDINGS_ASSERTION" });

describe("InFlightWindow", () => {
  test("[MQTT-2.2.1-3] [MQTT-2.2.1-4] [3.1.1 MQTT-2.3.1-2] [3.1.1 MQTT-2.3.1-4] gives each identifier from 1 to 65535 once, then none", () => {
    const window = new InFlightWindow<number>();
    const given = Array.from({ length: 65_535 }, (_, i) => window.allocate(i, Awaiting.Puback));
    expect(new Set(given).size).toBe(65_535);
    expect(Math.min(...given.slice(0, 10_000))).toBeGreaterThan(0);
    expect(given.every((identifier) => identifier >= 1 && identifier <= 65_535)).toBe(true);
    expect(window.size).toBe(65_535);
    expect(window.allocate(0, Awaiting.Puback)).toBe(0);
    expect(window.size).toBe(65_535);
    expect(window.itemOf(given[40_000])).toBe(40_000);
  });

  test("[3.1.1 MQTT-2.3.1-3] an identifier is free again only when released", () => {
    const window = new InFlightWindow<number>();
    for (let i = 0; i < 65_535; i++) window.allocate(i, Awaiting.Pubrec);
    window.received(777, undefined);
    expect(window.allocate(0, Awaiting.Pubrec)).toBe(0);
    window.release(777);
    expect(window.allocate(1, Awaiting.Pubrec)).toBe(777);
    expect(window.allocate(2, Awaiting.Pubrec)).toBe(0);
  });

  test("begins again at 1 behind 65535", () => {
    const window = new InFlightWindow<string>();
    window.restore(65_533, "a", Awaiting.Puback);
    expect([1, 2, 3, 4].map(() => window.allocate("b", Awaiting.Puback))).toEqual([65_534, 65_535, 1, 2]);
    expect(window.inOrder()).toEqual([65_533, 65_534, 65_535, 1, 2]);
    // The same when 65535 has to be passed over.
    const small = new InFlightWindow<string>();
    small.restore(7, "in the slot of 65535", Awaiting.Puback);
    small.restore(65_534, "a", Awaiting.Puback);
    expect(small.allocate("b", Awaiting.Puback)).toBe(1);
  });

  test("an old identifier that is never acknowledged does not hold up the others, and is not given away", () => {
    const window = new InFlightWindow<string>();
    const stuck = [window.allocate("stuck", Awaiting.Puback), window.allocate("stuck too", Awaiting.Pubrec)];
    const seen = new Set<number>();
    for (let i = 0; i < 200_000; i++) {
      const identifier = window.allocate("passing", Awaiting.Puback);
      seen.add(identifier);
      window.release(identifier);
    }
    for (const identifier of [0, ...stuck]) expect(seen.has(identifier)).toBe(false);
    expect(seen.size).toBeGreaterThan(32_000);
    expect(stuck.map((identifier) => window.itemOf(identifier))).toEqual(["stuck", "stuck too"]);
    expect(window.size).toBe(2);
  });

  test("does not give an identifier again while others are untried", () => {
    const window = new InFlightWindow<number>();
    const given: number[] = [];
    for (let i = 0; i < 1000; i++) {
      given.push(window.allocate(i, Awaiting.Puback));
      window.release(given[i]);
    }
    expect(new Set(given).size).toBe(1000);
  });

  test("keeps items and states while it grows", () => {
    const window = new InFlightWindow<number>();
    const kinds = [Awaiting.Puback, Awaiting.Pubrec, Awaiting.Suback, Awaiting.Unsuback];
    const given = Array.from({ length: 1000 }, (_, i) => window.allocate(i, kinds[i % 4]));
    expect(given.map((identifier) => window.itemOf(identifier))).toEqual(given.map((_, i) => i));
    expect(given.map((identifier) => window.stateOf(identifier))).toEqual(given.map((_, i) => kinds[i % 4]));
    expect(window.inOrder()).toEqual(given);
  });

  test("knows nothing of identifiers that are not in use", () => {
    const window = new InFlightWindow<string>();
    window.allocate("one", Awaiting.Puback);
    for (const identifier of [0, 2, 9, 17, 65_535]) {
      expect(window.stateOf(identifier)).toBe(Awaiting.Free);
      expect(window.itemOf(identifier)).toBeUndefined();
    }
    window.release(1);
    expect(window.stateOf(1)).toBe(Awaiting.Free);
    expect(window.itemOf(1)).toBeUndefined();
    expect(window.inOrder()).toEqual([]);
  });

  test("[MQTT-4.6.0-1] [3.1.1 MQTT-4.6.0-1] tells the order of sending, not that of the numbers, and PUBREC does not change it", () => {
    const window = new InFlightWindow<string>();
    window.restore(9, "a", Awaiting.Pubrec);
    window.restore(3, "b", Awaiting.Pubrec);
    window.restore(65_535, "c", Awaiting.Pubrec);
    window.restore(4, "d", Awaiting.Puback);
    window.received(3, "b's rest");
    expect(window.inOrder()).toEqual([9, 3, 65_535, 4]);
    expect(window.stateOf(3)).toBe(Awaiting.Pubcomp);
    expect(window.itemOf(3)).toBe("b's rest");
    window.release(9);
    expect(window.allocate("e", Awaiting.Puback)).toBe(5);
    expect(window.inOrder()).toEqual([3, 65_535, 4, 5]);
  });

  test("restores identifiers whatever they are, each once", () => {
    const window = new InFlightWindow<number>();
    // All of these share a slot of every ring but the largest.
    const identifiers = [8, 16, 32, 4096, 32_768];
    for (const identifier of identifiers) expect(window.restore(identifier, identifier, Awaiting.Pubrec)).toBe(true);
    for (const identifier of identifiers) expect(window.restore(identifier, -1, Awaiting.Puback)).toBe(false);
    expect(identifiers.map((identifier) => window.itemOf(identifier))).toEqual(identifiers);
    expect(window.inOrder()).toEqual(identifiers);
    expect(window.size).toBe(5);
    expect(window.allocate(1, Awaiting.Puback)).toBe(32_769);
  });

  test("is told off for what no caller may do", () => {
    const window = new InFlightWindow<string>();
    window.allocate("a", Awaiting.Puback);
    expect(() => window.restore(0, "a", Awaiting.Puback)).toThrow(misuse);
    expect(() => window.restore(65_536, "a", Awaiting.Puback)).toThrow(misuse);
    expect(() => window.received(1, undefined)).toThrow(misuse);
    expect(() => window.release(2)).toThrow(misuse);
    window.release(1);
    expect(() => window.release(1)).toThrow(misuse);
  });
});
