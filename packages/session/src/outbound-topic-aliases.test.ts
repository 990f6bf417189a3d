import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InboundTopicAliases } from "./inbound-topic-aliases.js";
import { OutboundTopicAliases } from "./outbound-topic-aliases.js";

/** What a sender does for one PUBLISH; the alias of the packet, and whether it carries the topic. */
function send(aliases: OutboundTopicAliases, topicName: string, tooLarge = false): { alias: number; full: boolean } {
  const known = aliases.find(topicName);
  if (known > 0) return { alias: known, full: false };
  const alias = aliases.propose(topicName);
  if (alias > 0 && !tooLarge) aliases.assign(topicName, alias);
  return { alias, full: true };
}

describe("OutboundTopicAliases", () => {
  test("gives the first topics an alias at once and sends them by it from then on", () => {
    const aliases = new OutboundTopicAliases(2);
    expect(send(aliases, "a")).toEqual({ alias: 1, full: true });
    expect(send(aliases, "b")).toEqual({ alias: 2, full: true });
    expect(send(aliases, "a")).toEqual({ alias: 1, full: false });
    expect(send(aliases, "b")).toEqual({ alias: 2, full: false });
  });

  test("[MQTT-3.1.2-26] [MQTT-3.2.2-17] [MQTT-3.3.2-8] [MQTT-3.3.2-9] [MQTT-3.3.2-11] stays within the peer's maximum", () => {
    for (const maximum of [1, 2, 5]) {
      const aliases = new OutboundTopicAliases(maximum);
      const used = new Set<number>();
      for (let round = 0; round < 4; round++) {
        for (let topic = 0; topic < 20; topic++) {
          for (let i = 0; i < 3; i++) used.add(send(aliases, `topic/${topic}`).alias);
        }
      }
      used.delete(0); // sent without an alias
      expect([...used].sort()).toEqual(Array.from({ length: maximum }, (_, i) => i + 1));
    }
  });

  test("takes the least recently used alias for a topic that comes a second time", () => {
    const aliases = new OutboundTopicAliases(3);
    for (const topic of ["a", "b", "c", "a", "b"]) send(aliases, topic);
    expect(send(aliases, "d")).toEqual({ alias: 0, full: true });
    expect(send(aliases, "d")).toEqual({ alias: 3, full: true }); // c's
    expect(send(aliases, "d")).toEqual({ alias: 3, full: false });
    expect(aliases.find("c")).toBe(0);
    expect([aliases.find("b"), aliases.find("a")]).toEqual([2, 1]);
    expect([send(aliases, "c").alias, send(aliases, "c").alias]).toEqual([0, 3]); // d's
    expect(aliases.find("d")).toBe(0);
  });

  test("topics that come once do not push out busy ones", () => {
    const aliases = new OutboundTopicAliases(2);
    send(aliases, "busy/1");
    send(aliases, "busy/2");
    for (let i = 0; i < 1000; i++) {
      expect(send(aliases, `once/${i}`)).toEqual({ alias: 0, full: true });
      expect(send(aliases, "busy/1")).toEqual({ alias: 1, full: false });
      expect(send(aliases, "busy/2")).toEqual({ alias: 2, full: false });
    }
  });

  test("topics that take turns become known, too", () => {
    const aliases = new OutboundTopicAliases(2);
    for (const topic of ["old/1", "old/2", "new/1", "new/2", "new/1", "new/2"]) send(aliases, topic);
    expect(aliases.find("new/1")).toBeGreaterThan(0);
    expect(aliases.find("new/2")).toBeGreaterThan(0);
  });

  test("an alias that was proposed and not assigned stays what it was", () => {
    const aliases = new OutboundTopicAliases(1);
    expect(aliases.propose("a")).toBe(1);
    expect(aliases.find("a")).toBe(0);
    expect(send(aliases, "b")).toEqual({ alias: 1, full: true });
    expect(aliases.propose("c")).toBe(0);
    expect(aliases.propose("c")).toBe(1);
    expect(aliases.find("b")).toBe(1);
    expect(aliases.find("c")).toBe(0);
    expect(aliases.propose("c")).toBe(1);
  });

  test("whatever is sent, dropped or repeated, the receiver resolves each PUBLISH to its topic", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.nat(8), fc.boolean()), { maxLength: 200 }),
        (maximum, publishes) => {
          const outbound = new OutboundTopicAliases(maximum);
          const inbound = new InboundTopicAliases<string>(maximum);
          for (const [topic, tooLarge] of publishes) {
            const topicName = `topic/${topic}`;
            const { alias, full } = send(outbound, topicName, tooLarge);
            if (full && tooLarge) continue;
            if (alias > 0) {
              expect(inbound.accepts(alias)).toBe(true);
              if (full) inbound.set(alias, topicName);
              expect(inbound.get(alias)).toBe(topicName);
            }
          }
        },
      ),
    );
  });
});
