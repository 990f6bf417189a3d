/** Every route, over HTTP, against a broker with clients. */
import { type AccessRule, accessControl, MemoryUserStore, userPasswords } from "@tidings/auth";
import { createBrokerMetrics } from "@tidings/metrics";
import { afterEach, describe, expect, test } from "vitest";
import type { AdminOptions, Ban } from "../index.js";
import { type StartedAdmin, startAdmin } from "../testing/start-admin.js";

let started: StartedAdmin | undefined;

async function start(...options: Parameters<typeof startAdmin>): Promise<StartedAdmin> {
  started = await startAdmin(...options);
  return started;
}

afterEach(async () => {
  await started?.stop();
  started = undefined;
});

const idsOf = ({ body }: { body: { items: { clientId: string }[] } }) => body.items.map(({ clientId }) => clientId);

describe("clients", () => {
  test("listed page by page, searched, by listener", async () => {
    const { ask, client } = await start();
    for (const name of ["c", "a", "b/1"]) await client(name, { username: name === "a" ? "anna" : undefined });
    const first = await ask("GET", "/api/v1/clients?limit=2");
    expect(idsOf(first)).toEqual(["a", "b/1"]);
    const second = await ask("GET", `/api/v1/clients?limit=2&cursor=${first.body.next}`);
    expect(idsOf(second)).toEqual(["c"]);
    expect(second.body.next).toBeUndefined();
    expect(idsOf(await ask("GET", "/api/v1/clients?search=ann"))).toEqual(["a"]);
    expect(idsOf(await ask("GET", "/api/v1/clients?search=127.0.0.1"))).toHaveLength(3);
    expect(idsOf(await ask("GET", "/api/v1/clients?listener=mqtt"))).toHaveLength(3);
    expect(idsOf(await ask("GET", "/api/v1/clients?listener=other"))).toEqual([]);
  });

  test.each(["limit=0", "limit=1001", "limit=x", "cursor=!"])("not with %s", async (query) => {
    const { ask } = await start();
    expect((await ask("GET", `/api/v1/clients?${query}`)).status).toBe(400);
  });

  test("one, with its subscriptions", async () => {
    const { ask, client } = await start();
    const one = await client("a/b c", { keepAlive: 30 });
    await one.subscribe("x/#", { qos: 1 });
    const { status, body } = await ask("GET", `/api/v1/clients/${encodeURIComponent("a/b c")}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      clientId: "a/b c",
      isConnected: true,
      protocolVersion: "5.0",
      address: "127.0.0.1",
      transport: "tcp",
      listener: "mqtt",
      keepAliveSeconds: 30,
      subscriptionCount: 1,
      subscriptions: [{ topicFilter: "x/#", qos: 1 }],
    });
    expect(Date.parse(body.connectedAt)).toBeGreaterThan(0);
    expect((await ask("GET", "/api/v1/clients/nobody")).status).toBe(404);
  });

  test("sent away, with the reason", async () => {
    const { ask, client, server } = await start();
    await client("it");
    expect((await ask("POST", "/api/v1/clients/it/disconnect", {})).status).toBe(204);
    expect(server.broker.clientCount).toBe(0);
    expect([...server.broker.counters.clientsDisconnected.keys()]).toEqual([0x98]);
    expect((await ask("POST", "/api/v1/clients/it/disconnect", {})).status).toBe(404);
    expect((await ask("POST", "/api/v1/clients/it/disconnect", { reasonCode: 0 })).status).toBe(400);
  });

  test("banned, by what they are", async () => {
    const { bans, list } = banList();
    const { ask, client, server } = await start({ bans: list });
    await client("it", { username: "anna" });
    const body = { by: ["client", "user", "address"], seconds: 60, reason: "noise" };
    expect((await ask("POST", "/api/v1/clients/it/ban", body)).status).toBe(204);
    expect(server.broker.clientCount).toBe(0);
    expect(bans.map(({ kind, value }) => `${kind} ${value}`)).toEqual(["client it", "user anna", "address 127.0.0.1"]);
    expect(bans[0]).toMatchObject({ reason: "noise" });
    expect(bans[0].expiresAtMs).toBeGreaterThan(Date.now());
  });
});

/** As the one of `@tidings/auth`, without its effect. */
function banList() {
  const bans: Ban[] = [];
  const list: AdminOptions["bans"] = {
    entries: () => bans,
    add: (ban) => bans.push(ban) > 0,
    remove: (kind, value) => {
      const index = bans.findIndex((ban) => ban.kind === kind && ban.value === value);
      return index >= 0 && bans.splice(index, 1).length > 0;
    },
  };
  return { bans, list };
}

test("bans are added, listed, and taken away", async () => {
  const { ask } = await start({ bans: banList().list });
  expect((await ask("POST", "/api/v1/bans", { kind: "address", value: "192.0.2.0/24" })).status).toBe(204);
  expect((await ask("GET", "/api/v1/bans")).body.items).toEqual([{ kind: "address", value: "192.0.2.0/24" }]);
  const path = "/api/v1/bans?kind=address&value=192.0.2.0%2F24";
  expect((await ask("DELETE", path)).status).toBe(204);
  expect((await ask("DELETE", path)).status).toBe(404);
});

test("sessions: those that are there and those that are away; deleted", async () => {
  const { ask, client, server } = await start();
  await client("here");
  const away = await client("away", { properties: { sessionExpiryInterval: 60 } });
  await away.subscribe("x", { qos: 1 });
  await away.close();
  expect(idsOf(await ask("GET", "/api/v1/sessions"))).toEqual(["away", "here"]);
  expect(idsOf(await ask("GET", "/api/v1/sessions?connected=false"))).toEqual(["away"]);
  expect(idsOf(await ask("GET", "/api/v1/sessions?connected=true"))).toEqual(["here"]);
  expect(idsOf(await ask("GET", "/api/v1/sessions?search=awa"))).toEqual(["away"]);
  server.broker.publish({ topicName: "x", payload: "1", qos: 1 });
  const { body } = await ask("GET", "/api/v1/sessions/away");
  expect(body).toMatchObject({ isConnected: false, queuedMessages: 1, subscriptions: [{ topicFilter: "x" }] });
  expect(Date.parse(body.expiresAt) - Date.parse(body.disconnectedAt)).toBe(60_000);
  expect((await ask("DELETE", "/api/v1/sessions/away")).status).toBe(204);
  expect((await ask("DELETE", "/api/v1/sessions/away")).status).toBe(404);
  expect((await ask("GET", "/api/v1/sessions/away")).status).toBe(404);
});

test("subscriptions, by client, filter and topic; filters with their subscribers", async () => {
  const { ask, client } = await start();
  for (const name of ["one", "two"]) await (await client(name)).subscribe(["a/#", `b/${name}`, "$share/g/a/+"]);
  const filtersOf = async (query: string) =>
    (await ask("GET", `/api/v1/subscriptions?${query}`)).body.items.map(
      ({ topicFilter, clientId }: Record<string, string>) => `${topicFilter} ${clientId}`,
    );
  expect(await filtersOf("clientId=one")).toEqual(["$share/g/a/+ one", "a/# one", "b/one one"]);
  expect(await filtersOf("topicFilter=a/%23")).toEqual(["a/# one", "a/# two"]);
  expect(await filtersOf("topicName=b/two")).toEqual(["b/two two"]);
  expect(await filtersOf("topicName=a/x")).toHaveLength(4);
  const first = await ask("GET", "/api/v1/subscriptions?limit=4");
  expect(await filtersOf(`limit=4&cursor=${first.body.next}`)).toEqual(["b/one one", "b/two two"]);
  expect((await ask("GET", "/api/v1/topics")).body.items).toEqual([
    { topicFilter: "$share/g/a/+", subscribers: 2 },
    { topicFilter: "a/#", subscribers: 2 },
    { topicFilter: "b/one", subscribers: 1 },
    { topicFilter: "b/two", subscribers: 1 },
  ]);
  expect((await ask("GET", "/api/v1/topics?search=one")).body.items).toHaveLength(1);
});

describe("retained messages", () => {
  test("browsed, read and deleted", async () => {
    const { ask, client, server } = await start();
    const publisher = await client("publisher");
    for (const topic of ["a/1", "a/2", "b"]) await publisher.publish(topic, `at ${topic}`, { qos: 1, retain: true });
    const first = await ask("GET", "/api/v1/retained?limit=2");
    expect(first.body.items).toEqual([
      { topicName: "a/1", qos: 1, payloadBytes: 6, publisher: "publisher" },
      { topicName: "a/2", qos: 1, payloadBytes: 6, publisher: "publisher" },
    ]);
    const second = await ask("GET", `/api/v1/retained?limit=2&payload=true&cursor=${first.body.next}`);
    expect(second.body.items).toMatchObject([{ topicName: "b", encoding: "text", payload: "at b" }]);
    expect((await ask("GET", "/api/v1/retained?topicFilter=a/%2B")).body.items).toHaveLength(2);
    expect((await ask("GET", "/api/v1/retained?topicFilter=a/%23/b")).status).toBe(400);
    expect((await ask("GET", "/api/v1/retained/message?topicName=a/1")).body).toMatchObject({ payload: "at a/1" });
    expect((await ask("DELETE", "/api/v1/retained/message?topicName=a/1")).status).toBe(204);
    expect((await ask("DELETE", "/api/v1/retained/message?topicName=a/1")).status).toBe(404);
    expect((await ask("GET", "/api/v1/retained/message?topicName=a/1")).status).toBe(404);
    expect((await ask("DELETE", "/api/v1/retained?topicFilter=%23")).body).toEqual({ deleted: 2, hasMore: false });
    expect(server.broker.retainedMessageCount).toBe(0);
  });

  test("with bytes that are no text, and properties", async () => {
    const { ask, client } = await start();
    const properties = { contentType: "image/png", userProperties: [["a", "b"]] as [string, string][] };
    const publisher = await client("publisher");
    await publisher.publish("a", Uint8Array.of(0xff, 0), { qos: 1, retain: true, properties });
    expect((await ask("GET", "/api/v1/retained/message?topicName=a")).body).toMatchObject({
      encoding: "base64",
      payload: "/wA=",
      properties,
    });
  });
});

describe("publish", () => {
  test.each([
    [{ payload: "text" }, "text"],
    [{ payload: "aGk=", encoding: "base64" }, "hi"],
    [{ payload: { a: [1] }, encoding: "json" }, '{"a":[1]}'],
    [{}, ""],
  ])("%j", async (message, expected) => {
    const { ask, client } = await start();
    const subscriber = await client("subscriber");
    const messages = await subscriber.subscribe("a", { qos: 1 });
    const { status, body } = await ask("POST", "/api/v1/publish", {
      topicName: "a",
      qos: 1,
      properties: { contentType: "x", correlationData: "aGk=", userProperties: [["n", "v"]] },
      ...message,
    });
    expect([status, body]).toEqual([200, { reasonCode: 0 }]);
    for await (const received of messages) {
      expect(new TextDecoder().decode(received.payload)).toBe(expected);
      break;
    }
  });

  test.each([
    { topicName: "a/#" },
    { topicName: "a", payload: 1 },
    { topicName: "a", payload: "!", encoding: "base64" },
    { topicName: "a", qos: 3 },
    { topicName: "a", unknown: 1 },
    { payload: "x" },
  ])("not %j", async (message) => {
    const { ask } = await start();
    expect((await ask("POST", "/api/v1/publish", message)).status).toBe(400);
  });

  test("what a hook refuses, and what nobody wants", async () => {
    const refuses = {
      onPublish: ({ message }: { message: { topicName: string } }) => (message.topicName === "no" ? 0x87 : 0),
    };
    const { ask } = await start({}, { hooks: [refuses] });
    expect((await ask("POST", "/api/v1/publish", { topicName: "no" })).status).toBe(409);
    expect((await ask("POST", "/api/v1/publish", { topicName: "yes" })).body).toEqual({ reasonCode: 0x10 });
  });
});

test("users: made, changed and deleted; the broker follows, and no password comes out", async () => {
  const users = new MemoryUserStore();
  const { ask, client, server } = await start({ users }, { hooks: [userPasswords(users)] as never });
  const make = await ask("PUT", "/api/v1/users/anna", { password: "one", groups: ["staff"], scram: true });
  const shown = { userName: "anna", groups: ["staff"], isDisabled: false, hasPassword: true, hasScramKeys: true };
  expect([make.status, make.body]).toEqual([201, shown]);
  await client("one", { username: "anna", password: "one" });
  const change = await ask("PUT", "/api/v1/users/anna?disconnect=true", { password: "two" });
  expect([change.status, change.body]).toEqual([200, { ...shown, hasScramKeys: false }]);
  expect(server.broker.clientCount).toBe(0);
  await expect(client("two", { username: "anna", password: "one" })).rejects.toThrow();
  await client("two", { username: "anna", password: "two" });
  expect((await ask("GET", "/api/v1/users/anna")).body).toMatchObject({ userName: "anna" });
  expect((await ask("GET", "/api/v1/users?search=nn")).body.items).toHaveLength(1);
  expect((await ask("PUT", "/api/v1/users/anna", { scram: true })).status).toBe(400);
  expect((await ask("PUT", "/api/v1/users/anna", { isDisabled: true })).body.isDisabled).toBe(true);
  await expect(client("three", { username: "anna", password: "two" })).rejects.toThrow();
  expect((await ask("DELETE", "/api/v1/users/anna")).status).toBe(204);
  expect((await ask("DELETE", "/api/v1/users/anna")).status).toBe(404);
  expect((await ask("GET", "/api/v1/users/anna")).status).toBe(404);
});

test("access rules: added, changed and deleted; the broker follows", async () => {
  let kept: readonly AccessRule[] = [{ allow: "all" }];
  const control = accessControl({ rules: kept });
  const accessRules: AdminOptions["accessRules"] = {
    rules: () => kept,
    replace: (rules) => {
      control.replace({ rules });
      kept = rules;
    },
  };
  const { ask, client } = await start({ accessRules }, { hooks: [control] as never });
  const it = await client("it");
  const publish = () =>
    it.publish("secret", "x", { qos: 1 }).then(
      ({ reasonCode }) => reasonCode,
      (error) => error.reasonCode,
    );
  expect(await publish()).toBe(0x10);
  const deny = { deny: "all", topics: ["secret"] };
  expect((await ask("POST", "/api/v1/access/rules?index=0", deny)).body.rules).toEqual([deny, { allow: "all" }]);
  expect(await publish()).toBe(0x87);
  expect((await ask("PUT", "/api/v1/access/rules/0", { ...deny, clients: "other" })).status).toBe(200);
  expect(await publish()).toBe(0x10);
  expect((await ask("POST", "/api/v1/access/rules", { allow: "all", deny: "all" })).status).toBe(400);
  expect((await ask("PUT", "/api/v1/access/rules/7", deny)).status).toBe(404);
  expect((await ask("DELETE", "/api/v1/access/rules/0")).body.rules).toEqual([{ allow: "all" }]);
  expect((await ask("PUT", "/api/v1/access/rules", { rules: [deny] })).body.rules).toEqual([deny]);
  expect((await ask("GET", "/api/v1/access/rules")).body.rules).toEqual([deny]);
});

describe("the broker", () => {
  test("its numbers, of now and of the last while", async () => {
    const { ask, client } = await start({ sampleIntervalMs: 5, limits: { samplesMax: 3 } });
    await client("it");
    const { body } = await ask("GET", "/api/v1/stats");
    expect(body).toMatchObject({ clients: 1, version: "1.2.3", queuedMessages: 0, droppedByReason: { expired: 0 } });
    let samples: { clients: number }[] = [];
    while (samples.length < 3 || samples[0].clients === 0) {
      samples = (await ask("GET", "/api/v1/stats/history")).body.samples;
    }
    expect(samples).toHaveLength(3);
  });

  test("its listeners", async () => {
    const { ask, client } = await start({ listeners: () => [{ name: "mqtt", type: "tcp", url: "mqtt://here" }] });
    await client("it");
    expect((await ask("GET", "/api/v1/listeners")).body.items).toEqual([
      { name: "mqtt", type: "tcp", url: "mqtt://here", clients: 1 },
    ]);
  });

  test("its configuration", async () => {
    let reloads = 0;
    const configuration = {
      effective: () => ({ a: { secret: "(hidden)" } }),
      reload: async () => {
        if (reloads++ > 0) throw new Error("line 1: wrong");
        return { changes: ["limits"], needsRestart: [] };
      },
    };
    const { ask } = await start({ configuration });
    expect((await ask("GET", "/api/v1/configuration")).body).toEqual({ a: { secret: "(hidden)" } });
    const path = "/api/v1/configuration/reload";
    expect((await ask("POST", path)).body).toEqual({ changes: ["limits"], needsRestart: [] });
    expect(await ask("POST", path)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("line 1") },
    });
  });

  test("its log levels", async () => {
    const levels: Record<string, string> = { "": "info" };
    const logLevels: AdminOptions["logLevels"] = {
      levels: ["debug", "info"],
      get: () => levels,
      set: (subsystem, level) => {
        if (subsystem !== "" && subsystem !== "access") return false;
        if (level === undefined) delete levels[subsystem];
        else levels[subsystem] = level;
        return true;
      },
    };
    const { ask } = await start({ logLevels });
    const put = (body: object) => ask("PUT", "/api/v1/log-levels", body);
    expect((await put({ level: "debug" })).body).toEqual({ levels: { "": "debug" } });
    expect((await put({ subsystem: "access", level: "info" })).body.levels).toEqual({ "": "debug", access: "info" });
    expect((await put({ subsystem: "access" })).body.levels).toEqual({ "": "debug" });
    expect((await put({ subsystem: "other", level: "info" })).status).toBe(404);
    expect((await put({ level: "loud" })).status).toBe(400);
    expect((await put({})).status).toBe(400);
    expect((await ask("GET", "/api/v1/log-levels")).body.levels).toEqual({ "": "debug" });
  });

  test("its health, and metrics", async () => {
    let isReady = true;
    const { ask, server } = await start({ isReady: () => isReady });
    expect(await ask("GET", "/healthz", undefined, {})).toMatchObject({ status: 200, body: { status: "alive" } });
    expect((await ask("GET", "/readyz", undefined, {})).status).toBe(200);
    isReady = false;
    expect((await ask("GET", "/readyz", undefined, {})).status).toBe(503);
    expect((await ask("GET", "/metrics", undefined, {})).status).toBe(501);
    await started?.stop();
    const measured = await start({ metrics: createBrokerMetrics(server.broker, { process: false }) });
    const { headers, body } = await measured.ask("GET", "/metrics", undefined, {});
    expect(headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(body).toContain("tidings_clients 0");
  });
});

test("what the broker was started without is answered with 501, and what was changed is told", async () => {
  const changes: string[] = [];
  const { ask } = await start({ onChange: ({ by, method, url }) => changes.push(`${by} ${method} ${url}`) });
  for (const path of ["users", "access/rules", "bans", "listeners", "configuration", "log-levels"]) {
    expect([path, (await ask("GET", `/api/v1/${path}`)).status]).toEqual([path, 501]);
  }
  await ask("POST", "/api/v1/publish", { topicName: "a" });
  expect(changes).toEqual(["token POST /api/v1/publish"]);
});
