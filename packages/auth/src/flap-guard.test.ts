/** Clients that come again and again. */

import type { BrokerHooks } from "@tidings/broker";
import { BrokerHarness } from "@tidings/broker/testing";
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { ConnectedClient } from "./auth-hooks.js";
import { BanList } from "./ban-list.js";
import { type FlapGuardOptions, flapGuard } from "./flap-guard.js";

function start(options: FlapGuardOptions = {}) {
  let nowMs = 1_700_000_000_000;
  const now = () => nowMs;
  const bans = new BanList({ now });
  const guard = flapGuard(bans, { now, windowMs: 10_000, clientConnectsMax: 3, banMs: 60_000, ...options });
  const harness = new BrokerHarness({ hooks: [bans.hook as BrokerHooks, guard as BrokerHooks] });
  const comes = (clientIdentifier: string): number => {
    const client = harness.connect({ clientIdentifier });
    const { reasonCode } = client.takeFirst(PacketType.CONNACK);
    if (!client.isClosed) client.disconnect();
    return reasonCode;
  };
  const pass = (milliseconds: number): void => void (nowMs += milliseconds);
  return { bans, guard, harness, comes, pass };
}

describe("a Client Identifier", () => {
  test("that comes too often is banned for a while, and others are not", () => {
    const { bans, comes, pass } = start();
    const reasons = [1, 2, 3, 4, 5].map(() => {
      pass(1000);
      return comes("flapping");
    });
    expect(reasons).toEqual([0, 0, 0, 0, 0x8a]);
    expect(bans.entries()).toMatchObject([{ kind: "client", value: "flapping", reason: "4 connects within 3 s" }]);
    expect(comes("steady")).toBe(0);
    pass(60_000);
    expect(comes("flapping")).toBe(0);
  });

  test("that comes now and then is not", () => {
    const { comes, pass } = start();
    for (let i = 0; i < 20; i++) {
      pass(4000);
      expect(comes("slow")).toBe(0);
    }
  });

  test("that two take from each other is banned, and who has it then is disconnected", () => {
    const { harness, bans } = start();
    const clients = [1, 2, 3, 4].map(() => harness.connect({ clientIdentifier: "shared" }));
    expect(clients.map(({ isClosed }) => isClosed)).toEqual([true, true, true, true]);
    expect(bans.entries()).toHaveLength(1);
  });

  test("is not counted for those who are refused", () => {
    const { harness, bans } = start();
    harness.broker.replaceHooks([{ authenticate: () => 0x86 }, bans.hook as BrokerHooks]);
    for (let i = 0; i < 10; i++) harness.connect({ clientIdentifier: "victim" });
    expect(bans.entries()).toEqual([]);
  });
});

describe("an address", () => {
  const from = (address: string, clientIdentifier: string): ConnectedClient =>
    ({ clientIdentifier, userName: undefined, peer: { address } }) as unknown as ConnectedClient;

  test("is banned when asked for, IPv6 as a network", () => {
    const { bans, guard } = start({ addressConnectsMax: 2 });
    for (const number of [1, 2, 3]) guard.onConnect?.(from(`2001:db8::${number}`, `c${number}`));
    for (const number of [1, 2]) guard.onConnect?.(from("192.0.2.1", `d${number}`));
    for (const number of [1, 2, 3]) guard.onConnect?.(from("/tmp/mqtt.sock", `e${number}`));
    expect(bans.entries().map(({ value }) => value)).toEqual(["2001:db8:0:0::/64"]);
    expect(bans.banOf(from("2001:db8::9", "x"))?.reason).toBe("3 connects within 0 s");
  });

  test("is not by default", () => {
    const { bans, guard } = start();
    for (let i = 0; i < 100; i++) guard.onConnect?.(from("192.0.2.1", `c${i}`));
    expect(bans.entries()).toEqual([]);
  });
});

test("remembers only so many", () => {
  const { bans, guard } = start({ trackedMax: 10 });
  const comes = (clientIdentifier: string) =>
    guard.onConnect?.({ clientIdentifier, peer: undefined } as unknown as ConnectedClient);
  for (let round = 0; round < 10; round++) {
    comes("often");
    for (let i = 0; i < 20; i++) comes(`once-${round}-${i}`);
  }
  expect(bans.entries()).toEqual([]);
});
