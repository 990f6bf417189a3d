import { describe, expect, test } from "vitest";
import { ReceiveQuota } from "./receive-quota.js";

describe("ReceiveQuota", () => {
  test("refuses one PUBLISH more than the maximum", () => {
    const quota = new ReceiveQuota(2);
    expect([quota.take(), quota.take(), quota.take()]).toEqual([true, true, false]);
    expect(quota.unfinished).toBe(2);
    quota.giveBack();
    expect([quota.take(), quota.take()]).toEqual([true, false]);
  });

  test("does not sink below zero when a PUBREL finishes what an earlier connection began", () => {
    const quota = new ReceiveQuota(1);
    quota.giveBack();
    expect(quota.unfinished).toBe(0);
    expect([quota.take(), quota.take()]).toEqual([true, false]);
  });
});
