/** The steps of a message, as a tracer hears of them. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { MessageTracer } from "./index.js";
import { BrokerHarness } from "./testing/index.js";

type Step = readonly unknown[];

/** Each step as its name and what was told, messages by their topics. */
function recordSteps(harness: BrokerHarness): Step[] {
  const steps: Step[] = [];
  const names: (keyof MessageTracer)[] = [
    "received",
    "authorized",
    "refused",
    "changed",
    "matched",
    "queued",
    "sent",
    "dropped",
    "acknowledgementSent",
    "acknowledgementReceived",
  ];
  harness.broker.tracer = Object.fromEntries(
    names.map((name) => [
      name,
      (...told: unknown[]) =>
        void steps.push([name, ...told.map((value) => (value as { topicName?: string })?.topicName ?? value)]),
    ]),
  ) as unknown as MessageTracer;
  return steps;
}

test.each([4, 5] as const)("version %i: from PUBLISH to the acknowledgement of each receiver", (protocolVersion) => {
  const harness = new BrokerHarness();
  const receiver = harness.connected({ clientIdentifier: "receiver", protocolVersion }).subscribed("a", { qos: 1 });
  const publisher = harness.connected({ clientIdentifier: "publisher", protocolVersion });
  const steps = recordSteps(harness);
  publisher.publish("a", "x", { qos: 1, packetIdentifier: 7 });
  const [{ packetIdentifier = 0 }] = receiver.messages();
  receiver.acknowledge(PacketType.PUBACK, packetIdentifier);
  expect(steps).toEqual([
    ["received", "a", 7],
    ["authorized", "a"],
    ["matched", "a", 1],
    ["sent", "a", "receiver", 1, packetIdentifier, false],
    ["acknowledgementSent", "publisher", PacketType.PUBACK, 7, 0],
    ["acknowledgementReceived", "receiver", PacketType.PUBACK, packetIdentifier, 0],
  ]);
});

test("QoS 2: each packet of both handshakes", () => {
  const harness = new BrokerHarness();
  const receiver = harness.connected({ clientIdentifier: "receiver" }).subscribed("a");
  const publisher = harness.connected({ clientIdentifier: "publisher" });
  const steps = recordSteps(harness);
  publisher.publish("a", "x", { qos: 2, packetIdentifier: 7 }).acknowledge(PacketType.PUBREL, 7);
  receiver.acknowledge(PacketType.PUBREC, 1).acknowledge(PacketType.PUBCOMP, 1);
  expect(steps.filter(([name]) => String(name).startsWith("acknowledgement"))).toEqual([
    ["acknowledgementSent", "publisher", PacketType.PUBREC, 7, 0],
    ["acknowledgementReceived", "publisher", PacketType.PUBREL, 7, 0],
    ["acknowledgementSent", "publisher", PacketType.PUBCOMP, 7, 0],
    ["acknowledgementReceived", "receiver", PacketType.PUBREC, 1, 0],
    ["acknowledgementSent", "receiver", PacketType.PUBREL, 1, 0],
    ["acknowledgementReceived", "receiver", PacketType.PUBCOMP, 1, 0],
  ]);
});

test("QoS 0, and a receiver that has left the network no room", () => {
  const harness = new BrokerHarness({ outboundHighWaterBytes: 10 });
  const receiver = harness.connected({ clientIdentifier: "receiver" }).subscribed("a", { qos: 0 });
  receiver.stalled = true;
  const steps = recordSteps(harness);
  const publisher = harness.connected();
  publisher.publish("a", "0123456789").publish("a", "again");
  expect(steps.filter(([name]) => name === "sent" || name === "dropped")).toEqual([
    ["sent", "a", "receiver", 0, 0, false],
    ["dropped", "a", "receiver", "slow-consumer"],
  ]);
});

test("a message for somebody who is away is queued, and sent when they are back", () => {
  const harness = new BrokerHarness();
  const kept = { clientIdentifier: "sleeper", cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  harness.connected(kept).subscribed("a", { qos: 1 }).drop();
  const steps = recordSteps(harness);
  harness.connected().publish("a", "x", { qos: 1 });
  harness.connected(kept);
  expect(steps.filter(([name]) => name === "queued" || name === "sent")).toEqual([
    ["queued", "a", "sleeper", 1],
    ["sent", "a", "sleeper", 1, 1, false],
  ]);
});

describe("hooks", () => {
  test("a refusal, with its reason", () => {
    const harness = new BrokerHarness({ hooks: [{ authorizePublish: () => ReasonCode.NotAuthorized }] });
    const publisher = harness.connected({ clientIdentifier: "publisher" });
    const steps = recordSteps(harness);
    publisher.publish("a", "x", { qos: 1, packetIdentifier: 7 });
    expect(steps).toEqual([
      ["received", "a", 7],
      ["refused", "a", 0x87],
      ["dropped", "a", "publisher", "refused"],
      ["acknowledgementSent", "publisher", PacketType.PUBACK, 7, 0x87],
    ]);
  });

  test("a change, and what the host process publishes", () => {
    const harness = new BrokerHarness({ hooks: [{ onPublish: () => ({ topicName: "b" }) }] });
    const steps = recordSteps(harness);
    harness.broker.publish({ topicName: "a", payload: "x" });
    expect(steps).toEqual([
      ["received", "a", 0],
      ["changed", "a", "b"],
      ["matched", "b", 0],
    ]);
  });

  test("a message of the host process that is refused", () => {
    const harness = new BrokerHarness({ hooks: [{ onPublish: () => ReasonCode.QuotaExceeded }] });
    const steps = recordSteps(harness);
    harness.broker.publish({ topicName: "a", payload: "x" });
    expect(steps).toEqual([
      ["received", "a", 0],
      ["refused", "a", 0x97],
      ["dropped", "a", undefined, "refused"],
    ]);
  });
});
