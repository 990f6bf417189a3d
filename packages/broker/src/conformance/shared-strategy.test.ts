/** The ways to choose the member of a shared subscription that gets the next message (MQTT 5.0 section 4.8.2). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions, SharedSubscriptionStrategy } from "../index.js";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

class Group {
  readonly harness: BrokerHarness;
  readonly members = new Map<string, TestClient>();
  /** Members that acknowledge what they get, at once. */
  readonly diligent = new Set<string>();
  private readonly publisher: TestClient;

  constructor(strategy: SharedSubscriptionStrategy, names: string, options: BrokerOptions = {}) {
    this.harness = new BrokerHarness({ sharedSubscriptionStrategy: strategy, ...options });
    this.publisher = this.harness.connected();
    for (const name of names) this.join(name);
  }

  join(name: string): void {
    this.members.set(name, persistentClient(this.harness, 5, name).subscribed("$share/g/a"));
  }

  drop(name: string): void {
    this.members.get(name)?.drop();
  }

  /** Who got each of the next messages, as a string of names. */
  publish(times: number): string {
    let chosen = "";
    for (let i = 0; i < times; i++) {
      this.publisher.publish("a", "", { qos: 1 });
      for (const [name, client] of this.members) {
        for (const { packetIdentifier } of client.messages()) {
          chosen += name;
          if (this.diligent.has(name)) client.acknowledge(PacketType.PUBACK, packetIdentifier as number);
        }
      }
    }
    return chosen;
  }
}

/** Numbers for `random`, one after the other. */
function sequence(...values: number[]): () => number {
  let next = 0;
  return () => values[next++ % values.length];
}

test("each strategy chooses differently in the same situation", () => {
  const random = sequence(0.99, 0.99, 0.5, 0, 0, 0.99);
  const strategies = ["round-robin", "sticky", "least-in-flight", "random"] as const;
  const chosen = strategies.map((strategy) => {
    const group = new Group(strategy, "ABC", { random });
    group.diligent.add("B").add("C");
    return group.publish(6);
  });
  expect(chosen).toEqual(["ABCABC", "AAAAAA", expect.stringMatching(/^[ABC]{6}$/), "CCBAAC"]);
  // A has one in flight for ever, so that it is never again the least busy.
  expect(chosen[2].match(/A/g)).toEqual(["A"]);
  expect(chosen[2]).toMatch(/B.*C|C.*B/);
  expect(new Set(chosen).size).toBe(4);
});

test("round-robin is what a broker does without being told", () => {
  const harness = new BrokerHarness();
  const clients = [1, 2].map(() => harness.connected().subscribed("$share/g/a"));
  const publisher = harness.connected();
  for (let i = 0; i < 6; i++) publisher.publish("a");
  expect(clients.map((client) => client.messages().length)).toEqual([3, 3]);
});

describe("round-robin", () => {
  test("takes members in turn, whatever they have in flight", () => {
    expect(new Group("round-robin", "ABC").publish(9)).toBe("ABCABCABC");
  });

  test("passes over members without a connection, evenly", () => {
    const group = new Group("round-robin", "ABCD");
    group.drop("B");
    expect(group.publish(6)).toBe("ACDACD");
    group.drop("C");
    expect(group.publish(4)).toBe("ADAD");
  });

  test("takes in who joins", () => {
    const group = new Group("round-robin", "AB");
    expect(group.publish(2)).toBe("AB");
    group.join("C");
    expect([...group.publish(3)].sort().join("")).toBe("ABC");
  });
});

describe("sticky", () => {
  test("stays with one member, whoever joins, and whoever else goes", () => {
    const group = new Group("sticky", "ABC");
    const [chosen] = group.publish(1);
    group.join("D");
    for (const name of "ABC") if (name !== chosen) group.drop(name);
    expect(group.publish(5)).toBe(chosen.repeat(5));
  });

  test("moves when that member's connection ends, and does not move back", () => {
    const group = new Group("sticky", "ABC");
    const [first] = group.publish(1);
    group.drop(first);
    const [second] = group.publish(1);
    expect(second).not.toBe(first);
    const returned = persistentClient(group.harness, 5, first);
    returned.take();
    expect(group.publish(4)).toBe(second.repeat(4));
    expect(returned.messages()).toEqual([]);
  });

  test("moves when that member unsubscribes", () => {
    const group = new Group("sticky", "AB");
    const [first] = group.publish(1);
    const topicFilters = ["$share/g/a"];
    group.members.get(first)?.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 77, topicFilters });
    const second = first === "A" ? "B" : "A";
    expect(group.publish(3)).toBe(second.repeat(3));
  });
});

describe("least-in-flight", () => {
  test("shares evenly among members that are equally busy", () => {
    const group = new Group("least-in-flight", "ABC");
    expect([...group.publish(9)].sort().join("")).toBe("AAABBBCCC");
    for (const name of "ABC") group.diligent.add(name);
    // Nobody is ever busier than another now.
    expect([...group.publish(9)].sort().join("")).toBe("AAABBBCCC");
  });

  test("prefers who has acknowledged more", () => {
    const group = new Group("least-in-flight", "AB");
    expect([...group.publish(4)].sort().join("")).toBe("AABB");
    group.diligent.add("B");
    for (const packetIdentifier of [1, 2]) group.members.get("B")?.acknowledge(PacketType.PUBACK, packetIdentifier);
    expect(group.publish(5)).toBe("BBBBB");
  });

  test("counts what is queued, not only what was sent", () => {
    const group = new Group("least-in-flight", "AB", { inFlightMessagesMax: 1 });
    group.diligent.add("B");
    group.drop("B");
    group.publish(3); // A: one sent, two queued
    group.members.set("B", persistentClient(group.harness, 5, "B"));
    group.members.get("A")?.acknowledge(PacketType.PUBACK, 1); // one sent, one queued
    group.members.get("A")?.messages();
    expect(group.publish(4)).toBe("BBBB");
  });

  test("prefers a busy member with a connection to an idle one without", () => {
    const group = new Group("least-in-flight", "AB");
    group.drop("B");
    expect(group.publish(50)).toBe("A".repeat(50));
  });
});

describe("random", () => {
  test("follows the numbers that the broker is given", () => {
    expect(new Group("random", "ABCD", { random: sequence(0, 0.26, 0.51, 0.76, 0.99, 0.24) }).publish(6)).toBe(
      "ABCDDA",
    );
  });

  test("gives every member about as much", () => {
    const group = new Group("random", "ABC");
    for (const name of "ABC") group.diligent.add(name);
    const chosen = [...group.publish(900)];
    for (const name of "ABC") {
      const share = chosen.filter((one) => one === name).length;
      expect(share).toBeGreaterThan(240);
      expect(share).toBeLessThan(360);
    }
  });
});
