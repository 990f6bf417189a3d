import { describe, expect, test } from "vitest";
import { InboundDelivery } from "./inbound-delivery.js";

describe("InboundDelivery", () => {
  test("[MQTT-4.3.3-10] [3.1.1 MQTT-4.3.3-2] a repeat is no new message until PUBREL", () => {
    const inbound = new InboundDelivery();
    expect(inbound.begin(7)).toBe(true);
    expect(inbound.begin(7)).toBe(false);
    expect(inbound.begin(8)).toBe(true);
    expect(inbound.has(7)).toBe(true);
    expect(inbound.size).toBe(2);
  });

  test("[MQTT-4.3.3-9] [MQTT-4.3.3-12] [3.1.1 MQTT-4.3.3-2] behind the end of the handshake the identifier is a new message", () => {
    const inbound = new InboundDelivery();
    inbound.begin(7);
    expect(inbound.end(7)).toBe(true);
    expect(inbound.has(7)).toBe(false);
    expect(inbound.begin(7)).toBe(true);
  });

  test("tells an unknown identifier from a known one", () => {
    const inbound = new InboundDelivery();
    expect(inbound.has(1)).toBe(false);
    expect(inbound.end(1)).toBe(false);
    inbound.begin(1);
    expect(inbound.end(2)).toBe(false);
    expect([inbound.end(1), inbound.end(1)]).toEqual([true, false]);
    expect(inbound.size).toBe(0);
  });

  test("lists what is open, in order of arrival", () => {
    const inbound = new InboundDelivery();
    expect(inbound.list()).toEqual([]);
    for (const identifier of [65_535, 1, 300]) inbound.begin(identifier);
    inbound.end(1);
    expect(inbound.list()).toEqual([65_535, 300]);
  });
});
