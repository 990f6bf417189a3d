import { describe, expect, test } from "vitest";
import { RECEIVE_MAXIMUM_DEFAULT, SendQuota } from "./send-quota.js";

describe("SendQuota", () => {
  test("[MQTT-4.9.0-1] starts with the peer's Receive Maximum", () => {
    for (const receiveMaximum of [1, 2, RECEIVE_MAXIMUM_DEFAULT]) {
      const quota = new SendQuota(receiveMaximum);
      expect(quota.initial).toBe(receiveMaximum);
      expect(quota.available).toBe(receiveMaximum);
    }
    expect(RECEIVE_MAXIMUM_DEFAULT).toBe(65_535);
  });

  test("[MQTT-4.9.0-1] is never zero at the start, nor more than an identifier each", () => {
    for (const receiveMaximum of [0, -1, 65_536, Number.NaN]) {
      expect(() => new SendQuota(receiveMaximum)).toThrow(expect.objectContaining({ code: "TIDINGS_ASSERTION" }));
    }
  });

  test("[MQTT-4.9.0-2] gives as many slots as it has, and none behind them", () => {
    const quota = new SendQuota(3);
    expect([quota.take(), quota.take(), quota.take(), quota.take(), quota.take()]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(quota.available).toBe(0);
    quota.giveBack();
    expect([quota.take(), quota.take()]).toEqual([true, false]);
  });

  test("never grows beyond its start", () => {
    const quota = new SendQuota(2);
    quota.giveBack();
    expect(quota.available).toBe(2);
    quota.take();
    quota.giveBack();
    quota.giveBack();
    expect(quota.available).toBe(2);
  });
});
