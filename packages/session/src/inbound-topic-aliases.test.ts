import { describe, expect, test } from "vitest";
import { InboundTopicAliases } from "./inbound-topic-aliases.js";

describe("InboundTopicAliases", () => {
  test("[MQTT-3.3.2-10] [MQTT-3.3.2-12] accepts every alias from 1 to the maximum it announced, and no other", () => {
    for (const maximum of [0, 1, 10, 65_535]) {
      const aliases = new InboundTopicAliases<string>(maximum);
      const accepted = Array.from({ length: 65_536 }, (_, alias) => alias).filter((alias) => aliases.accepts(alias));
      expect(accepted.length).toBe(maximum);
      if (maximum > 0) expect([accepted[0], accepted.at(-1)]).toEqual([1, maximum]);
    }
  });

  test("resolves an alias to what it was set to last", () => {
    const aliases = new InboundTopicAliases<string>(10);
    aliases.set(7, "a");
    aliases.set(1, "b");
    aliases.set(7, "c");
    expect([aliases.get(7), aliases.get(1)]).toEqual(["c", "b"]);
  });

  test("knows no alias that was not set on this connection", () => {
    const earlier = new InboundTopicAliases<string>(10);
    earlier.set(3, "a");
    const aliases = new InboundTopicAliases<string>(10);
    expect([1, 2, 3, 10].map((alias) => aliases.get(alias))).toEqual([undefined, undefined, undefined, undefined]);
    aliases.set(3, "b");
    expect([1, 2, 4, 10].map((alias) => aliases.get(alias))).toEqual([undefined, undefined, undefined, undefined]);
  });
});
