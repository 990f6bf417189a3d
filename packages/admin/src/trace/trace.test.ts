/** Traces, as their reader sees them. */
import { afterEach, expect, test } from "vitest";
import { type StartedAdmin, startAdmin, TOKEN } from "../testing/start-admin.js";

let started: StartedAdmin;
const aborted = new AbortController();

afterEach(() => started.stop());

const open = (query: string, signal: AbortSignal = aborted.signal) =>
  fetch(`${started.admin.url}/api/v1/trace?${query}`, { headers: { authorization: `Bearer ${TOKEN}` }, signal });

interface Step {
  readonly step: string;
  readonly message: number;
  readonly [detail: string]: unknown;
}

/** Reads until `isLast`. */
async function stepsOf(response: Response, isLast: (step: Step) => boolean): Promise<Step[]> {
  const steps: Step[] = [];
  let text = "";
  const decoder = new TextDecoder();
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the trace ended after ${JSON.stringify(steps)}`);
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() as string;
    for (const event of events) {
      const [, data] = /^event: step\ndata: (.*)$/s.exec(event) ?? [];
      if (data !== undefined) steps.push(JSON.parse(data));
    }
    const last = steps.at(-1);
    if (last !== undefined && isLast(last)) {
      await reader.cancel();
      return steps;
    }
  }
}

test("a topic: every step from the publisher to the acknowledgement of the receiver", async () => {
  started = await startAdmin();
  const receiver = await started.client("receiver");
  await receiver.subscribe("a/#", { qos: 1, handler: () => {} });
  const publisher = await started.client("publisher");
  const response = await open("topicFilter=a/%2B&payloadBytes=3");
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  await publisher.publish("other", "x", { qos: 1 });
  await publisher.publish("a/b", "hello", { qos: 1 });
  const steps = await stepsOf(response, ({ step, by }) => step === "acknowledged" && by === "client");
  const bare = steps.map(({ at, packetIdentifier, ...step }) => step);
  const common = { message: steps[0].message, topicName: "a/b", publisher: "publisher" };
  expect(bare).toContainEqual({
    ...common,
    step: "received",
    qos: 1,
    retain: false,
    payloadBytes: 5,
    encoding: "text",
    payload: "hel",
  });
  expect(bare).toContainEqual({ ...common, step: "authorized" });
  expect(bare).toContainEqual({ ...common, step: "matched", receivers: 1 });
  expect(bare).toContainEqual({ ...common, step: "sent", clientId: "receiver", qos: 1, dup: false });
  const acknowledged = { ...common, step: "acknowledged", packet: "PUBACK", reasonCode: 0 };
  expect(bare).toContainEqual({ ...acknowledged, by: "broker", clientId: "publisher" });
  expect(bare).toContainEqual({ ...acknowledged, by: "client", clientId: "receiver" });
  expect(bare).toHaveLength(6);
});

test("a client: what it publishes and what it gets, and no payloads unless asked", async () => {
  started = await startAdmin(
    {},
    { hooks: [{ authorizePublish: ({ message }) => (message.topicName === "no" ? 0x87 : 0) }] },
  );
  const { broker } = started.server;
  const it = await started.client("it");
  await it.subscribe("to/it", { qos: 0, handler: () => {} });
  const response = await open("clientId=it");
  broker.publish({ topicName: "elsewhere", payload: "x" });
  broker.publish({ topicName: "to/it", payload: "x" });
  await it.publish("no", "x", { qos: 1 }).catch(() => {});
  const steps = await stepsOf(response, ({ step }) => step === "acknowledged");
  expect(steps.map(({ step, topicName }) => `${step} ${topicName}`)).toEqual([
    "sent to/it",
    "received no",
    "refused no",
    "acknowledged no",
  ]);
  expect(steps[2]).toMatchObject({ reasonCode: 0x87 });
  expect(steps.some((step) => "payload" in step)).toBe(false);
});

test("an address; QoS 2 to its end", async () => {
  started = await startAdmin();
  const receiver = await started.client("receiver");
  await receiver.subscribe("a", { qos: 2, handler: () => {} });
  const response = await open("address=127.0.0.1");
  started.server.broker.publish({ topicName: "a", payload: "x", qos: 2 });
  const steps = await stepsOf(response, ({ packet }) => packet === "PUBCOMP");
  expect(steps.map(({ step, packet, by }) => [step, packet, by].filter(Boolean).join(" "))).toEqual([
    "sent",
    "acknowledged PUBREC client",
    "acknowledged PUBREL broker",
    "acknowledged PUBCOMP client",
  ]);
});

test("the broker is asked nothing when the last reader is gone", async () => {
  started = await startAdmin();
  const { broker } = started.server;
  const abort = new AbortController();
  await open("topicFilter=%23", abort.signal);
  expect(broker.tracer).toBeDefined();
  abort.abort();
  while (broker.tracer !== undefined) await new Promise((resolve) => setImmediate(resolve));
});

test("there may be so many, and each says what it wants", async () => {
  started = await startAdmin({ limits: { tracesMax: 1 } });
  expect((await open("")).status).toBe(400);
  expect((await open("topicFilter=a/%23/b")).status).toBe(400);
  expect((await open("topicFilter=a")).status).toBe(200);
  expect((await open("topicFilter=a")).status).toBe(503);
});
