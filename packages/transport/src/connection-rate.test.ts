import { describe, expect, test } from "vitest";
import { ConnectionRate } from "./connection-rate.js";

/** How many of `attempts` are admitted at one moment. */
function admitted(rate: ConnectionRate, address: string | undefined, nowMs: number, attempts: number): number {
  return Array.from({ length: attempts }, () => rate.admits(address, nowMs)).filter((yes) => yes).length;
}

describe("the rate of connections", () => {
  test("without limits everybody may come", () => {
    expect(admitted(new ConnectionRate({}), "a", 0, 1000)).toBe(1000);
  });

  test("holds for all addresses together", () => {
    const rate = new ConnectionRate({ perSecond: 10 });
    expect(admitted(rate, "a", 1000, 8) + admitted(rate, "b", 1000, 8)).toBe(10);
    expect(admitted(rate, "c", 1500, 20)).toBe(5);
    expect(admitted(rate, undefined, 1_000_000, 20)).toBe(10);
  });

  test("holds for each address, and its refusals cost nobody else", () => {
    const rate = new ConnectionRate({ perSecond: 5, perAddressPerSecond: 1, perAddressBurst: 2 });
    expect(admitted(rate, "a", 1000, 100)).toBe(2);
    expect(admitted(rate, "b", 1000, 100)).toBe(2);
    expect(admitted(rate, "c", 1000, 100)).toBe(1);
    expect(admitted(rate, "a", 1400, 1)).toBe(0);
    expect(admitted(rate, "a", 2000, 100)).toBe(1);
  });

  test("less than one a second is a rate too", () => {
    const rate = new ConnectionRate({ perAddressPerSecond: 0.1 });
    expect(admitted(rate, "a", 0, 3)).toBe(1);
    expect(admitted(rate, "a", 9_000, 3)).toBe(0);
    expect(admitted(rate, "a", 10_000, 3)).toBe(1);
  });

  test("a clock that goes back admits nobody for nothing", () => {
    const rate = new ConnectionRate({ perAddressPerSecond: 1 });
    expect([admitted(rate, "a", 5000, 2), admitted(rate, "a", 1000, 2), admitted(rate, "a", 1900, 2)]).toEqual([
      1, 0, 0,
    ]);
  });

  test("remembers no more addresses than it may, and forgets those that are quiet", () => {
    const rate = new ConnectionRate({ perAddressPerSecond: 1, addressesMax: 100 });
    for (let i = 0; i < 1000; i++) rate.admits(`${i}`, 0);
    expect(rate.addressCount).toBe(100);
    expect(admitted(rate, "beyond", 0, 5)).toBe(5);
    rate.admits("later", 20_000);
    expect(rate.addressCount).toBe(1);
  });
});
