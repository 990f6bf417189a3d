/** An HTTP service as judge: what it is asked, what its answers mean, and what happens when it has none. */
import { createServer, type Server } from "node:http";
import { BrokerHarness, type ConnectOptions, type TestClient } from "@tidings/broker/testing";
import { PacketType, ReasonCode } from "@tidings/packet";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { AnswerCache } from "./answer-cache.js";
import { type HttpHookOptions, httpHook } from "./http-hook.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let server: Server;
let base: string;
/** What was asked, headers aside. */
let asked: Record<string, unknown>[];
let headers: Record<string, unknown>;
/** Of the service: a body, or a status, or nothing at all. */
let answer: (question: Record<string, unknown>, path: string) => object | number | undefined;
let failures: string[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    headers = request.headers;
    const question = JSON.parse(body);
    asked.push(question);
    const made = answer(question, request.url as string);
    if (made === undefined) return;
    if (typeof made === "number") response.writeHead(made, { location: `${base}/elsewhere` }).end();
    else response.end(JSON.stringify(made));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});

beforeEach(() => {
  asked = [];
  failures = [];
  answer = () => ({ result: "allow" });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function broker(options: HttpHookOptions = {}): BrokerHarness {
  const onFailure = (error: unknown) => failures.push((error as Error).message);
  const harness: BrokerHarness = new BrokerHarness({
    hooks: [httpHook({ authenticateUrl: `${base}/in`, onFailure, now: () => harness?.nowMs ?? 0, ...options })],
  });
  return harness;
}

async function until(harness: BrokerHarness, client: TestClient): Promise<TestClient> {
  await vi.waitUntil(
    () => {
      harness.endTurn();
      return client.received.length > 0;
    },
    { timeout: 15_000, interval: 1 },
  );
  return client;
}

async function connect(harness: BrokerHarness, options: ConnectOptions = {}): Promise<TestClient> {
  return until(
    harness,
    harness.connect({ clientIdentifier: "c", userName: "anna", password: bytes("pw"), ...options }),
  );
}

async function reasonOf(harness: BrokerHarness, options: ConnectOptions = {}): Promise<number> {
  return (await connect(harness, options)).takeFirst(PacketType.CONNACK).reasonCode;
}

describe("CONNECT", () => {
  test("asks with what the client says of itself", async () => {
    const harness = broker({ headers: { authorization: "Bearer x" } });
    expect(await reasonOf(harness)).toBe(0);
    expect(await reasonOf(harness, { password: Uint8Array.of(0xff), clientIdentifier: "d" })).toBe(0);
    expect(asked).toEqual([
      { clientIdentifier: "c", userName: "anna", password: "pw" },
      { clientIdentifier: "d", userName: "anna", passwordBase64: "/w==" },
    ]);
    expect(headers).toMatchObject({ authorization: "Bearer x", "content-type": "application/json" });
  });

  test("takes over what the service says of the client", async () => {
    const harness = broker();
    const claims = { site: "north" };
    answer = () => ({
      result: "allow",
      userName: "carl",
      groups: ["staff"],
      claims,
      expiresAt: harness.nowMs / 1000 + 10,
    });
    const client = await connect(harness);
    expect(client.connection.principal).toMatchObject({ userName: "carl", groups: ["staff"], claims });
    harness.advance(11_000);
    expect(client.isClosed).toBe(true);
  });

  test("binds the client to the permissions it is given", async () => {
    answer = () => ({ result: "allow", permissions: { publish: ["own/%c"] } });
    const harness = broker();
    const client = await connect(harness);
    client.take();
    const published = (topicName: string) =>
      client.publish(topicName, "", { qos: 1 }).takeFirst(PacketType.PUBACK).reasonCode;
    expect([published("own/c"), published("other")]).toEqual([0x10, 0x87]);
    expect(client.subscribe("#").takeFirst(PacketType.SUBACK).reasonCodes).toEqual([0x87]);
    expect(asked).toHaveLength(1);
  });

  test.each<[string, object | number, number, number]>([
    ["deny", { result: "deny" }, 0x86, 0],
    ["ignore, and nobody else", { result: "ignore" }, 0x86, 0],
    ["nothing that is known", { result: "maybe" }, ReasonCode.ServerUnavailable, 1],
    ["no object", [], ReasonCode.ServerUnavailable, 1],
    ["groups of another kind", { result: "allow", groups: "staff" }, ReasonCode.ServerUnavailable, 1],
    [
      "permissions of another kind",
      { result: "allow", permissions: { publish: "#" } },
      ReasonCode.ServerUnavailable,
      1,
    ],
    ["permissions that are null", { result: "allow", permissions: null }, ReasonCode.ServerUnavailable, 1],
    ["an end in the past", { result: "allow", expiresAt: 1 }, 0x86, 0],
    ["an end of another kind", { result: "allow", expiresAt: "tomorrow" }, ReasonCode.ServerUnavailable, 1],
    ["a body that is too large", { result: "allow", rest: "x".repeat(70_000) }, ReasonCode.ServerUnavailable, 1],
    ["404", 404, ReasonCode.ServerUnavailable, 1],
    ["204", 204, ReasonCode.ServerUnavailable, 1],
    ["302", 302, ReasonCode.ServerUnavailable, 1],
  ])("%s", async (_what, body, expected, failed) => {
    answer = () => body;
    expect(await reasonOf(broker())).toBe(expected);
    expect(failures).toHaveLength(failed);
    expect(asked).toHaveLength(1); // and nobody was asked elsewhere
  });

  test("a service that does not answer in time, or is not there, lets nobody in", async () => {
    answer = () => undefined;
    expect(await reasonOf(broker({ timeoutMs: 20 }))).toBe(ReasonCode.ServerUnavailable);
    expect(await reasonOf(broker({ authenticateUrl: "http://127.0.0.1:1/" }))).toBe(ReasonCode.ServerUnavailable);
    expect(failures).toHaveLength(2);
  });

  test("waits in line, and is refused when the line is long", async () => {
    const harness = broker({ requestsMax: 1, waitingMax: 1 });
    const clients = ["a", "b", "c"].map((clientIdentifier) => harness.connect({ clientIdentifier, userName: "x" }));
    for (const client of clients) await until(harness, client);
    expect(clients.map((client) => client.takeFirst(PacketType.CONNACK).reasonCode)).toEqual([
      0,
      0,
      ReasonCode.ServerBusy,
    ]);
    expect(failures).toEqual([]);
  });

  test("the same question is not asked again as long as its answer holds", async () => {
    const harness = broker({ cacheMs: 1000 });
    await reasonOf(harness);
    await reasonOf(harness);
    expect(asked).toHaveLength(1);
    await reasonOf(harness, { password: bytes("other") });
    await reasonOf(harness, { password: undefined });
    await reasonOf(harness, { password: bytes("") });
    expect(asked).toHaveLength(4);
    harness.advance(1001);
    await reasonOf(harness);
    expect(asked).toHaveLength(5);
  });

  test("a failure is not remembered", async () => {
    const harness = broker();
    answer = () => 500;
    expect(await reasonOf(harness)).toBe(ReasonCode.ServerUnavailable);
    answer = () => ({ result: "allow" });
    expect(await reasonOf(harness)).toBe(0);
  });
});

describe("PUBLISH and SUBSCRIBE", () => {
  const judged = () => broker({ authenticateUrl: undefined, authorizeUrl: `${base}/may` });
  const who = { clientIdentifier: "c", userName: "anna", groups: [] };

  async function connected(harness: BrokerHarness): Promise<TestClient> {
    const client = await connect(harness);
    client.take();
    return client;
  }

  test("ask with topic, QoS and RETAIN; each once", async () => {
    answer = ({ topic }) => ({ result: topic === "no" ? "deny" : topic === "pass" ? "ignore" : "allow" });
    const harness = judged();
    const client = await connected(harness);
    const published = async (topicName: string) => {
      client.publish(topicName, "", { qos: 1 });
      return (await until(harness, client)).takeFirst(PacketType.PUBACK).reasonCode;
    };
    expect([await published("yes"), await published("no"), await published("pass")]).toEqual([0x10, 0x87, 0x10]);
    // Known by now: answered within the turn.
    expect(client.publish("no", "", { qos: 1 }).takeFirst(PacketType.PUBACK).reasonCode).toBe(0x87);
    expect(asked[0]).toEqual({ action: "publish", topic: "yes", qos: 1, retain: false, ...who });
    expect(asked).toHaveLength(3);
  });

  test("may be granted less", async () => {
    answer = ({ topic }) => (topic === "no" ? { result: "deny" } : { result: "allow", qos: 1 });
    const harness = judged();
    const client = await connected(harness);
    const granted = async (filter: string) => {
      client.subscribe(filter);
      return (await until(harness, client)).takeFirst(PacketType.SUBACK).reasonCodes[0];
    };
    expect([await granted("a/#"), await granted("no")]).toEqual([1, 0x87]);
    expect(asked[0]).toEqual({ action: "subscribe", topic: "a/#", qos: 2, ...who });
  });

  test("are refused when the service fails", async () => {
    answer = () => 500;
    const harness = judged();
    const client = await connected(harness);
    client.publish("t", "", { qos: 1 });
    expect((await until(harness, client)).takeFirst(PacketType.PUBACK).reasonCode).toBe(0x87);
    expect(failures).toEqual(["the service answered with status 500"]);
  });
});

test("refuses what is no URL", () => {
  for (const authorizeUrl of ["x", "ftp://a/"]) {
    expect(() => httpHook({ authorizeUrl })).toThrow(expect.objectContaining({ code: "TIDINGS_AUTH_OPTION" }));
  }
});

test("answers are forgotten when there are too many", async () => {
  const cache = new AnswerCache<number>(1000, 2);
  const questions: string[] = [];
  const get = async (question: string) => cache.get(question, 0, async () => questions.push(question));
  for (const question of ["a", "b", "a", "c", "a", "c"]) await get(question);
  expect(questions).toEqual(["a", "b", "c", "a"]);
  await Promise.all([get("x"), get("x")]);
  expect(questions.slice(4)).toEqual(["x"]);
});
