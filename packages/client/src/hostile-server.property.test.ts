/** Connections that break at any byte: QoS 1 is never lost, QoS 2 neither lost nor doubled, and every promise settles. */
import { controlPacket } from "@tidings/packet/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Client } from "./client.js";
import { clientFactory } from "./testing/client-factory.js";
import { ModelBroker, NO_TROUBLE, type Trouble } from "./testing/model-broker.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

interface Course {
  readonly environment: VirtualEnvironment;
  readonly broker: ModelBroker;
  readonly client: Client;
  /** What the application got, in order. */
  readonly got: string[];
  readonly failures: unknown[];
}

const { POSITIVE_INFINITY } = Number;

/** Publishes and receives two messages of each QoS while the first connections go wrong as told. */
async function run(troubles: readonly Trouble[], protocolVersion: 4 | 5, receiveMaximum = 65_535): Promise<Course> {
  const environment = new VirtualEnvironment();
  const broker = new ModelBroker();
  broker.receiveMaximum = receiveMaximum;
  let count = 0;
  environment.onConnection = (connection) => broker.accept(connection, troubles[count++] ?? NO_TROUBLE);
  const client = clientFactory(environment).createClient("mqtt://server", {
    protocolVersion,
    cleanStart: false,
    clientIdentifier: "hostile",
    keepAlive: 10,
    connectTimeoutMs: 5_000,
    properties: { sessionExpiryInterval: 3_600, receiveMaximum: 10 },
  });
  const got: string[] = [];
  const failures: unknown[] = [];
  const note = (error: unknown): void => void failures.push(error);
  client.subscribe("to/client", { qos: 2, handler: (message) => void got.push(message.text()) }).catch(note);
  const published = [1, 2, 1, 2].map((qos, index) =>
    client.publish("to/server", `p${qos}-${index}`, { qos: qos as 1 | 2 }).catch(note),
  );
  let settled = 0;
  for (const promise of published) void promise.then(() => (settled += 1));
  await environment.settle();
  for (const [index, qos] of [1, 2, 2, 1].entries()) broker.give(`g${qos}-${index}`, qos as 1 | 2);
  for (let minute = 0; minute < 60 && !(settled === 4 && broker.isDone); minute += 1) {
    await environment.advance(10_000);
    broker.answerLate();
    await environment.advance(10_000);
  }
  expect(settled, "every publish settles").toBe(4);
  expect(broker.isDone, "everything given is acknowledged").toBe(true);
  return { environment, broker, client, got, failures };
}

function judge({ broker, got, failures }: Course): void {
  expect(failures).toEqual([]);
  expect([...new Set(broker.taken[1])]).toEqual(["p1-0", "p1-2"]);
  expect(broker.taken[2]).toEqual(["p2-1", "p2-3"]);
  expect([...new Set(got.filter((text) => text.startsWith("g1")))]).toEqual(["g1-0", "g1-3"]);
  expect(got.filter((text) => text.startsWith("g2"))).toEqual(["g2-1", "g2-2"]);
}

async function close({ client, environment }: Course): Promise<void> {
  const closed = client.close();
  await environment.advance(5_000);
  await closed;
  expect(environment.timerCount).toBe(0);
}

describe.each([4, 5] as const)("version %i", (version) => {
  test("a course without trouble", async () => {
    const course = await run([], version);
    judge(course);
    await close(course);
  });

  test("a cut behind every byte of the client", async () => {
    const whole = await run([], version);
    const length = whole.environment.connection.bytes.length;
    expect(length).toBeGreaterThan(100);
    for (let inboundBytes = 0; inboundBytes <= length; inboundBytes += 1) {
      const course = await run([{ inboundBytes, outboundBytes: POSITIVE_INFINITY }], version);
      judge(course);
      await close(course);
    }
  });

  test("a cut behind every byte of the server", async () => {
    for (let outboundBytes = 0; outboundBytes <= 150; outboundBytes += 1) {
      const course = await run([{ inboundBytes: POSITIVE_INFINITY, outboundBytes }], version);
      judge(course);
      await close(course);
    }
  });

  test("any packets and any bytes, at any time", async () => {
    const nonsense = fc.array(fc.oneof(controlPacket(fc, version), fc.uint8Array({ maxLength: 20 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(nonsense, fc.boolean(), async (sent, greets) => {
        const environment = new VirtualEnvironment();
        const broker = new ModelBroker();
        environment.onConnection = (connection) => {
          if (environment.connections.length > 1) {
            broker.accept(connection, NO_TROUBLE);
            return;
          }
          let isFirst = true;
          connection.onPacket = () => {
            if (!isFirst) return;
            isFirst = false;
            if (greets) connection.connack();
            for (const one of sent) {
              if (one instanceof Uint8Array) connection.sendBytes(one);
              else connection.send(one);
            }
          };
        };
        const client = clientFactory(environment).createClient("mqtt://server", {
          protocolVersion: version,
          keepAlive: 10,
          connectTimeoutMs: 5_000,
          reconnect: { isFatal: () => false },
        });
        let settled = 0;
        const note = (): void => void (settled += 1);
        client.subscribe("#", { qos: 2, handler: () => {} }).then(note, note);
        for (const qos of [0, 1, 2] as const) client.publish("to/server", "x", { qos }).then(note, note);
        for (let minute = 0; minute < 10; minute += 1) {
          await environment.advance(30_000);
          // A server that answers pings but nothing else is none to wait for.
          if (settled < 4 && environment.connections.length === 1) environment.connection.drop();
        }
        expect(settled).toBe(4);
        expect(client.status).toBe("connected");
        const closed = client.close();
        await environment.advance(5_000);
        await closed;
        expect(environment.timerCount).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("any cuts, late answers and small windows", async () => {
    const bytes = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constant(POSITIVE_INFINITY));
    const trouble = fc.record({ inboundBytes: bytes, outboundBytes: bytes, isLate: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(trouble, { maxLength: 6 }),
        fc.constantFrom(1, 2, 65_535),
        async (troubles, receiveMaximum) => {
          const course = await run(troubles, version, receiveMaximum);
          judge(course);
          if (version === 5) expect(course.broker.mostInFlight).toBeLessThanOrEqual(receiveMaximum);
          await close(course);
        },
      ),
      { numRuns: 100 },
    );
  });
});
