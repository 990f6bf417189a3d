/** The text that Prometheus reads. */
import { BrokerHarness } from "@tidings/broker/testing";
import { PacketType } from "@tidings/packet";
import { Counter, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createBrokerMetrics } from "./index.js";

function busyBroker(): BrokerHarness {
  const harness = new BrokerHarness({
    hooks: [{ authenticate: ({ userName }) => (userName === "no" ? 0x86 : 0) }],
  });
  harness.connect({ userName: "no" });
  const subscriber = harness.connected().subscribe("a", { qos: 1 });
  const publisher = harness.connected();
  publisher.publish("a", "x", { qos: 1, packetIdentifier: 1, retain: true });
  for (const packet of subscriber.take()) {
    if (packet.type !== PacketType.PUBLISH) continue;
    const packetIdentifier = packet.packetIdentifier as number;
    subscriber.send({ type: PacketType.PUBACK, packetIdentifier, reasonCode: 0 });
  }
  harness.endTurn();
  return harness;
}

/** Lines of one metric, without what explains it. */
const linesOf = (text: string, name: string) =>
  text.split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));

test("tells what the broker counted", async () => {
  const text = await createBrokerMetrics(busyBroker().broker).text();
  const has = (line: string) => expect(text.split("\n")).toContain(line);
  has("tidings_clients 2");
  has('tidings_messages_received_total{qos="1"} 1');
  has('tidings_messages_sent_total{qos="1"} 1');
  has('tidings_packets_received_total{type="PUBACK"} 1');
  has('tidings_client_refusals_total{reason="bad_user_name_or_password"} 1');
  has('tidings_authentications_total{result="refused"} 1');
  has('tidings_messages_dropped_total{reason="queue-full"} 0');
  has("tidings_subscriptions 1");
  has("tidings_retained_messages 1");
  has("tidings_store_has_room 1");
  has('tidings_messages_dropped_total{reason="memory-limit"} 0');
  has("tidings_short_of_memory 0");
  has("tidings_paused_publishers 0");
  has("tidings_publish_pauses_total 0");
  expect(Number(linesOf(text, "tidings_message_bytes ")[0].split(" ")[1])).toBeGreaterThan(0);
});

test("histograms add up, class by class", async () => {
  const harness = busyBroker();
  harness.broker.counters.delivery.record(1500);
  const text = await createBrokerMetrics(harness.broker).text();
  expect(linesOf(text, "tidings_delivery_seconds").slice(-8)).toEqual([
    'tidings_delivery_seconds_bucket{le="1"} 1',
    'tidings_delivery_seconds_bucket{le="2"} 2',
    'tidings_delivery_seconds_bucket{le="5"} 2',
    'tidings_delivery_seconds_bucket{le="10"} 2',
    'tidings_delivery_seconds_bucket{le="30"} 2',
    'tidings_delivery_seconds_bucket{le="+Inf"} 2',
    "tidings_delivery_seconds_sum 1.5",
    "tidings_delivery_seconds_count 2",
  ]);
});

test("reads anew each time", async () => {
  const harness = busyBroker();
  const metrics = createBrokerMetrics(harness.broker);
  await metrics.text();
  harness.connected();
  expect(linesOf(await metrics.text(), "tidings_clients ")).toEqual(["tidings_clients 3"]);
});

describe("options", () => {
  test("a registry and a prefix of one's own", async () => {
    const registry = new Registry();
    new Counter({ name: "mine", help: "mine", registers: [registry] }).inc();
    const metrics = createBrokerMetrics(busyBroker().broker, { registry, prefix: "mqtt_", process: false });
    const text = await registry.metrics();
    expect(linesOf(text, "mine")).toEqual(["mine 1"]);
    expect(linesOf(text, "mqtt_clients ")).toEqual(["mqtt_clients 2"]);
    expect(linesOf(text, "nodejs_")).toEqual([]);
    expect(metrics.registry).toBe(registry);
  });

  test("by default the process is measured too", async () => {
    const text = await createBrokerMetrics(busyBroker().broker).text();
    expect(linesOf(text, "nodejs_eventloop_lag_p99_seconds")).toHaveLength(1);
    expect(linesOf(text, "process_cpu_seconds_total")).toHaveLength(1);
  });
});
