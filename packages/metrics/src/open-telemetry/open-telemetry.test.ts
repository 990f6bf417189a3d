/** What a collector of OpenTelemetry gets. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BrokerHarness } from "@tidings/broker/testing";
import { PacketType, type PublishPacket } from "@tidings/packet";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OpenTelemetry, type OpenTelemetryOptions, openTelemetry } from "./index.js";

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

/** A collector: what was posted, by path. */
let collector: Server;
let posted: { path: string; token: string | undefined; body: Record<string, never> }[];
let url: string;
let telemetry: OpenTelemetry;

beforeEach(async () => {
  posted = [];
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      posted.push({
        path: request.url as string,
        token: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.setHeader("content-type", "application/json").end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  collector.closeAllConnections();
  collector.close();
});

function brokerWith(options: Partial<OpenTelemetryOptions>): BrokerHarness {
  telemetry = openTelemetry({ url, ...options });
  const harness = new BrokerHarness({ hooks: telemetry.hooks });
  telemetry.start(harness.broker);
  return harness;
}

const spans = (): Span[] =>
  posted
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => body.resourceSpans as { scopeSpans: { spans: Span[] }[] }[])
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));

const attribute = (span: Span | undefined, name: string) =>
  Object.values(span?.attributes.find(({ key }) => key === name)?.value ?? {})[0];

describe("metrics", () => {
  test("go to the collector with the last word at the end, and the token", async () => {
    const harness = brokerWith({ headers: { authorization: "Bearer t" }, serviceName: "kitchen" });
    harness.connected().publish("a", "x", { qos: 1, packetIdentifier: 1 });
    await telemetry.stop();
    const [{ path, token, body }] = posted;
    expect([path, token]).toEqual(["/v1/metrics", "Bearer t"]);
    const text = JSON.stringify(body);
    expect(text).toContain('{"key":"service.name","value":{"stringValue":"kitchen"}}');
    const [{ scopeMetrics }] = body.resourceMetrics as { scopeMetrics: { metrics: { name: string }[] }[] }[];
    const metric = (name: string) => scopeMetrics[0].metrics.find((one) => one.name === name) as never;
    expect(metric("tidings.clients")).toMatchObject({ gauge: { dataPoints: [{ asDouble: 1 }] } });
    expect(metric("tidings.messages_received")).toMatchObject({
      sum: { isMonotonic: true, dataPoints: [{ asDouble: 0 }, { asDouble: 1 }, { asDouble: 0 }] },
    });
    expect(metric("tidings.publish_acknowledgement")).toMatchObject({
      unit: "s",
      histogram: { dataPoints: [{ count: 1, sum: 0 }] },
    });
  });

  test("can be left out", async () => {
    brokerWith({ metricsIntervalMs: 0 });
    await telemetry.stop();
    expect(posted).toEqual([]);
  });
});

describe("traces", () => {
  const TRACE = "0af7651916cd43dd8448eb211c80319c";
  const sampled = `00-${TRACE}-b7ad6b7169203331-01`;
  const unsampled = `00-${TRACE}-b7ad6b7169203331-00`;

  function publishWith(harness: BrokerHarness, traceparent: string | undefined): void {
    const userProperties: [string, string][] = [["other", "stays"]];
    if (traceparent !== undefined) userProperties.push(["traceparent", traceparent]);
    harness.connected().send({
      type: PacketType.PUBLISH,
      dup: false,
      qos: 0,
      retain: false,
      topicName: "a/b",
      packetIdentifier: undefined,
      payload: new Uint8Array(3),
      properties: { userProperties },
    });
    harness.endTurn();
  }

  const received = (client: ReturnType<BrokerHarness["connected"]>) =>
    client.take().find(({ type }) => type === PacketType.PUBLISH) as PublishPacket;

  test("a message with traceparent has a span, one for each receiver, and hands its span on", async () => {
    const harness = brokerWith({ traces: true, metricsIntervalMs: 0 });
    const receivers = [1, 2].map(() => harness.connected().subscribe("a/#"));
    publishWith(harness, sampled);
    await telemetry.stop();
    const process = spans().find(({ name }) => name === "process a/b");
    expect(process).toMatchObject({ traceId: TRACE, parentSpanId: "b7ad6b7169203331" });
    expect(attribute(process, "messaging.tidings.receivers")).toBe(2);
    const sends = spans().filter(({ name }) => name === "send a/b");
    expect(sends.map(({ parentSpanId }) => parentSpanId)).toEqual([process?.spanId, process?.spanId]);
    for (const receiver of receivers) {
      expect(received(receiver).properties?.userProperties).toEqual([
        ["other", "stays"],
        ["traceparent", `00-${TRACE}-${process?.spanId}-01`],
      ]);
    }
  });

  test.each([
    ["without traceparent", undefined],
    ["that its publisher does not sample", unsampled],
    ["with a traceparent that is none", "00-nonsense"],
  ])("a message %s passes as it came", async (_what, traceparent) => {
    const harness = brokerWith({ traces: true, metricsIntervalMs: 0 });
    const receiver = harness.connected().subscribe("a/#");
    publishWith(harness, traceparent);
    await telemetry.stop();
    expect(spans()).toEqual([]);
    const expected: [string, string][] = [["other", "stays"]];
    if (traceparent !== undefined) expected.push(["traceparent", traceparent]);
    expect(received(receiver).properties?.userProperties).toEqual(expected);
  });

  test("spans of deliveries are bounded, their number is told", async () => {
    const harness = brokerWith({ traces: true, metricsIntervalMs: 0, deliverySpansMax: 3 });
    for (let i = 0; i < 10; i++) harness.connected().subscribe("a/#");
    publishWith(harness, sampled);
    await telemetry.stop();
    expect(spans().filter(({ name }) => name === "send a/b")).toHaveLength(3);
    expect(
      attribute(
        spans().find(({ name }) => name === "process a/b"),
        "messaging.tidings.receivers",
      ),
    ).toBe(10);
  });

  test("without traces the broker asks nothing of anybody", () => {
    expect(brokerWith({ metricsIntervalMs: 0 }).broker.guardsPublish).toBe(false);
  });
});

test("a collector that is not there holds nothing up", async () => {
  collector.close();
  const harness = brokerWith({ url: "http://127.0.0.1:9", traces: true });
  harness.connected();
  await telemetry.stop();
  expect(posted).toEqual([]);
}, 20_000);
