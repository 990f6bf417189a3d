/** Nobody gets past the door: every route, without a token, with wrong ones, from pages of other sites. */
import { hashPassword, MemoryUserStore } from "@tidings/auth";
import { Broker } from "@tidings/broker";
import { createBrokerMetrics } from "@tidings/metrics";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAdmin } from "./index.js";
import { type StartedAdmin, startAdmin, TOKEN } from "./testing/start-admin.js";

let admin: StartedAdmin;
let routes: [method: string, path: string][];

const OPEN = ["/healthz", "/readyz", "/metrics"];
const PASSWORD = "correct horse battery staple";
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

beforeAll(async () => {
  const cheap = { memoryKiB: 64, iterations: 1 };
  const password = await hashPassword(PASSWORD, cheap);
  admin = await startAdmin({
    administrators: new MemoryUserStore([
      { userName: "anna", password },
      { userName: "gone", password, isDisabled: true },
    ]),
    limits: { wrongPasswordsMax: 1000 },
  });
  const { body } = await admin.ask("GET", "/api/v1/openapi.json");
  routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path.replace(/\{\w+\}/g, "1")]),
  );
});

afterAll(() => admin.stop());

const WRONG: [what: string, headers: () => Record<string, string>][] = [
  ["no token", () => ({})],
  ["a wrong token", () => ({ authorization: `Bearer ${TOKEN}x` })],
  ["a token of the same length", () => ({ authorization: `Bearer ${TOKEN.replace("a", "b")}` })],
  ["an empty token", () => ({ authorization: "Bearer " })],
  ["another scheme", () => ({ authorization: `Digest ${TOKEN}` })],
  ["a wrong password", () => basic("anna", "wrong")],
  ["an unknown user", () => basic("nobody", PASSWORD)],
  ["a disabled user", () => basic("gone", PASSWORD)],
  ["a pair without a colon", () => ({ authorization: `Basic ${Buffer.from("anna").toString("base64")}` })],
];

describe.each(WRONG)("with %s", (_what, headers) => {
  test("every route answers 401 but those for probes", async () => {
    expect(routes.length).toBeGreaterThan(35);
    const answers = await Promise.all(
      routes.map(async ([method, path]) => {
        const { status } = await admin.ask(method, path, undefined, headers());
        return `${method} ${path} ${status === 401}`;
      }),
    );
    expect(answers).toEqual(routes.map(([method, path]) => `${method} ${path} ${!OPEN.includes(path)}`));
  });
});

test("a path that there is not, and a method that a route does not have, are not told to strangers", async () => {
  expect((await admin.ask("GET", "/api/v1/nothing", undefined, {})).status).toBe(401);
  expect((await admin.ask("PATCH", "/api/v1/clients", undefined, {})).status).toBe(401);
  expect((await admin.ask("GET", "/api/v1/nothing")).status).toBe(404);
});

test("401 says how to come in", async () => {
  const { headers, body } = await admin.ask("GET", "/api/v1/stats", undefined, {});
  expect(headers.get("www-authenticate")).toBe('Bearer realm="tidings", Basic realm="tidings"');
  expect(body).toMatchObject({ statusCode: 401, error: "Unauthorized" });
});

test("token and password open it", async () => {
  expect((await admin.ask("GET", "/api/v1/stats")).status).toBe(200);
  expect((await admin.ask("GET", "/api/v1/stats", undefined, basic("anna", PASSWORD))).status).toBe(200);
});

test("a page of another site is turned away, whatever its browser knows", async () => {
  const headers = { authorization: `Bearer ${TOKEN}`, "sec-fetch-site": "cross-site" };
  expect((await admin.ask("POST", "/api/v1/configuration/reload", undefined, headers)).status).toBe(403);
});

test("answers have the headers that keep browsers careful, and none for other origins", async () => {
  const { headers } = await admin.ask("GET", "/api/v1/stats", undefined, { origin: "https://example.com" });
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(headers.get("access-control-allow-origin")).toBeNull();
});

test("bodies that are too large, no JSON, or in another form", async () => {
  const post = (body: string, type = "application/json") =>
    fetch(`${admin.admin.url}/api/v1/publish`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": type },
      body,
    });
  expect((await post(JSON.stringify({ topicName: "a", payload: "x".repeat(1_100_000) }))).status).toBe(413);
  expect((await post("{")).status).toBe(400);
  expect((await post("topicName=a", "text/plain")).status).toBe(415);
});

test("an address with too many wrong passwords waits, and others with tokens do not", async () => {
  const { stop, ask } = await startAdmin({ administrators: new MemoryUserStore(), limits: { wrongPasswordsMax: 2 } });
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) {
    statuses.push((await ask("GET", "/api/v1/stats", undefined, basic("anna", "no"))).status);
  }
  expect(statuses).toEqual([401, 401, 429]);
  expect((await ask("GET", "/api/v1/stats")).status).toBe(200);
  await stop();
});

test("metrics for those with a token only, when asked so", async () => {
  const options = { broker: new Broker(), version: "1", tokens: [TOKEN], port: 0, guardsMetrics: true };
  const guarded = await createAdmin({ ...options, metrics: createBrokerMetrics(options.broker, { process: false }) });
  const authorization = `Bearer ${TOKEN}`;
  expect((await fetch(`${guarded.url}/metrics`)).status).toBe(401);
  expect(await (await fetch(`${guarded.url}/metrics`, { headers: { authorization } })).text()).toContain("tidings_");
  await guarded.close();
});

test.each([
  [{ tokens: [] }, "TIDINGS_ADMIN_OPTION"],
  [{ tokens: ["short"] }, "TIDINGS_ADMIN_OPTION"],
  [{ tokens: [TOKEN], host: "192.0.2.1" }, "TIDINGS_ADMIN_LISTEN"],
])("%o cannot be", async (options, code) => {
  await expect(createAdmin({ broker: new Broker(), version: "1", port: 0, ...options })).rejects.toMatchObject({
    code,
  });
});
