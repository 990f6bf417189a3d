/** Topic aliases that the server sets (5.0 section 3.3.2.3.4). */
import type { PublishPacket } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

/** What a client with a table of aliases makes of its messages; throws when the server breaks the rules. */
class AliasReader {
  readonly topics = new Map<number, string>();

  constructor(
    readonly client: TestClient,
    readonly maximum: number,
  ) {}

  read(): string[] {
    return this.client.messages().map((message) => this.topicOf(message));
  }

  topicOf({ topicName, properties }: PublishPacket): string {
    const alias = properties?.topicAlias;
    if (alias === undefined) {
      if (topicName === "") throw new Error("neither topic nor alias");
      return topicName;
    }
    if (alias < 1 || alias > this.maximum) throw new Error(`alias ${alias} is outside 1 to ${this.maximum}`);
    if (topicName !== "") this.topics.set(alias, topicName);
    const topic = this.topics.get(alias);
    if (topic === undefined) throw new Error(`alias ${alias} was never set`);
    return topic;
  }
}

function start(topicAliasMaximum: number | undefined, topicAliasMaximumOutbound = 16) {
  const harness = new BrokerHarness({ topicAliasMaximumOutbound });
  const client = persistentClient(harness, 5, "subscriber", { topicAliasMaximum }).subscribed("#");
  return { harness, reader: new AliasReader(client, topicAliasMaximum ?? 0), publisher: harness.connected() };
}

describe("topic aliases of the server", () => {
  test.each([undefined, 0])("[MQTT-3.3.2-11] none for a client whose Topic Alias Maximum is %s", (maximum) => {
    const { reader, publisher } = start(maximum);
    for (let i = 0; i < 5; i++) publisher.publish("topic", "");
    expect(reader.client.messages().map(({ topicName, properties }) => [topicName, properties])).toEqual(
      Array(5).fill(["topic", undefined]),
    );
  });

  test("a topic is sent once, then its alias", () => {
    const { reader, publisher } = start(10);
    for (const topic of ["topic/a", "topic/a", "topic/b", "topic/a", "topic/b"])
      publisher.publish(topic, "", { qos: 1 });
    expect(reader.client.messages().map(({ topicName, properties }) => [topicName, properties?.topicAlias])).toEqual([
      ["topic/a", 1],
      ["", 1],
      ["topic/b", 2],
      ["", 1],
      ["", 2],
    ]);
  });

  test.each([
    [1, 16],
    [3, 16],
    [100, 4],
    [65_535, 16],
  ])(
    "[MQTT-3.3.2-8] [MQTT-3.3.2-11] with a maximum of %i, and %i of the broker's, aliases stay within both",
    (maximum, own) => {
      const { reader, publisher } = start(maximum, own);
      const sent: string[] = [];
      let state = 7;
      for (let i = 0; i < 500; i++) {
        state = (state * 48_271) % 2_147_483_647;
        // Some topics are much more frequent than others.
        const topic = `topic/${state % (state % 3 === 0 ? 40 : 5)}`;
        sent.push(topic);
        publisher.publish(topic, "", { qos: i % 2 === 0 ? 0 : 1 });
      }
      expect(reader.read()).toEqual(sent);
      expect(reader.topics.size).toBeLessThanOrEqual(Math.min(maximum, own));
    },
  );

  test("[MQTT-3.3.2-7] a new connection starts without any, and what is sent again has its topic", () => {
    const { harness, reader, publisher } = start(10);
    publisher.publish("topic/a", "", { qos: 1 }).publish("topic/a", "", { qos: 2 });
    expect(reader.client.messages().map(({ topicName }) => topicName)).toEqual(["topic/a", ""]);
    reader.client.drop();
    publisher.publish("topic/a", "", { qos: 1 });
    const again = persistentClient(harness, 5, "subscriber", { topicAliasMaximum: 10 });
    expect(again.messages().map(({ topicName, dup, properties }) => [topicName, dup, properties?.topicAlias])).toEqual([
      ["topic/a", true, 1],
      ["", true, 1],
      ["", false, 1],
    ]);
    again.drop();
    const without = persistentClient(harness, 5, "subscriber");
    expect(without.messages().map(({ topicName }) => topicName)).toEqual(["topic/a", "topic/a", "topic/a"]);
  });

  test("a PUBLISH that is dropped for its size sets no alias", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: { topicAliasMaximum: 10, maximumPacketSize: 100 } }).subscribed("#");
    const reader = new AliasReader(client, 10);
    const publisher = harness.connected();
    for (const qos of [0, 1, 2] as const) publisher.publish(`topic/${qos}`, "x".repeat(90), { qos });
    expect(client.take()).toEqual([]);
    for (const qos of [0, 1, 2] as const) publisher.publish(`topic/${qos}`, "x", { qos });
    expect(reader.read()).toEqual(["topic/0", "topic/1", "topic/2"]);
    for (const qos of [0, 1, 2] as const) publisher.publish(`topic/${qos}`, "x", { qos });
    expect(reader.read()).toEqual(["topic/0", "topic/1", "topic/2"]);
  });

  test("topics that an alias would make no shorter are sent as they are", () => {
    const { reader, publisher } = start(10);
    for (let i = 0; i < 3; i++) publisher.publish("abc", "");
    expect(reader.client.messages().map(({ topicName, properties }) => [topicName, properties])).toEqual(
      Array(3).fill(["abc", undefined]),
    );
  });
});
