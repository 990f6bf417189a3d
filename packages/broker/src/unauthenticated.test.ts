/** Connections that have not come to CONNACK: how many one place may have, and for how long. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { Broker } from "./broker.js";
import type { BrokerOptions } from "./broker-options.js";
import type { Connection } from "./connection.js";
import type { BrokerHooks } from "./hooks.js";
import { BrokerHarness, TestClient } from "./testing/index.js";

const CONNECT = Uint8Array.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61]);

const host = {
  wantsFlush: () => {},
  write: () => true,
  writeAll: () => true,
  wantsClose: () => {},
  wantsPause: () => {},
};

function start(options: BrokerOptions) {
  const broker = new Broker(options);
  const open = (address: string | undefined): Connection | undefined => broker.accept(host, 0, { address });
  return { broker, open };
}

const send = (connection: Connection | undefined, bytes: Uint8Array): void =>
  connection?.receive(bytes, 0, bytes.length, 0);

describe("from one address", () => {
  test("there are only so many; others are not concerned", () => {
    const { broker, open } = start({ unauthenticatedPerAddressMax: 2 });
    expect([open("192.0.2.1"), open("192.0.2.1")]).not.toContain(undefined);
    expect(open("192.0.2.1")).toBeUndefined();
    expect(open("192.0.2.2")).toBeDefined();
    expect([broker.connectionCount, broker.counters.connectionsTurnedAway]).toEqual([3, 1]);
  });

  test("who has come to CONNACK, or is gone, makes room", () => {
    const { open } = start({ unauthenticatedPerAddressMax: 2 });
    const [first, second] = [open("192.0.2.1"), open("192.0.2.1")];
    send(first, CONNECT);
    expect(first?.isConnected).toBe(true);
    const third = open("192.0.2.1");
    expect(third).toBeDefined();
    expect(open("192.0.2.1")).toBeUndefined();
    second?.transportClosed(0);
    expect(open("192.0.2.1")).toBeDefined();
    // The end of one that was connected gives nothing back a second time.
    first?.transportClosed(0);
    expect(open("192.0.2.1")).toBeUndefined();
  });

  test("who waits for a hook has not come to CONNACK yet", async () => {
    let decide: () => void = () => {};
    const hooks: BrokerHooks[] = [{ authenticate: () => new Promise((resolve) => (decide = () => resolve(0))) }];
    const { open } = start({ unauthenticatedPerAddressMax: 1, hooks });
    send(open("192.0.2.1"), CONNECT);
    expect(open("192.0.2.1")).toBeUndefined();
    decide();
    await new Promise(setImmediate);
    expect(open("192.0.2.1")).toBeDefined();
  });

  test("IPv6 counts by network, and who has no address is not counted", () => {
    const { open } = start({ unauthenticatedPerAddressMax: 1 });
    expect(open("2001:db8::1")).toBeDefined();
    expect(open("2001:db8::2")).toBeUndefined();
    expect(open("2001:db8:0:1::2")).toBeDefined();
    for (let i = 0; i < 3; i++) expect(open(undefined)).toBeDefined();
  });

  test("0 sets no limit", () => {
    const { open } = start({ unauthenticatedPerAddressMax: 0 });
    for (let i = 0; i < 3000; i++) expect(open("192.0.2.1")).toBeDefined();
  });
});

test("who sends a CONNECT byte by byte is cut when the time is over, not when the last byte came", () => {
  const harness = new BrokerHarness({ connectTimeoutMs: 5000 });
  const slow = new TestClient(harness, 4);
  for (let i = 0; i < CONNECT.length && !slow.isClosed; i++) {
    slow.sendBytes(CONNECT.subarray(i, i + 1));
    harness.advance(1000);
  }
  expect(slow.isClosed).toBe(true);
  expect(slow.take().filter(({ type }) => type === PacketType.CONNACK)).toEqual([]);
  expect(harness.broker.connectionCount).toBe(0);
});
