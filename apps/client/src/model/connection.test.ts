/** The page's connection over the real client, which talks to a server of the test's own. */

import { createBrokerServer } from "@tidings/broker/node";
import { createClient } from "@tidings/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectOptions } from "./connect-options.js";
import { Connection, type OpenClient } from "./connection.js";
import { createProfile } from "./connection-profile.js";
import { Observatory } from "./observatory.js";
import { RequestLog } from "./request-log.js";
import { Responders } from "./responders.js";
import { RetainedBrowser } from "./retained-browser.js";
import { createSubscription } from "./subscription-profile.js";

const openClient: OpenClient = (profile, events) =>
  createClient(profile.url, {
    ...connectOptions(profile),
    reconnect: false,
    onConnect: (server) => events.onConnect(server),
    onDisconnect: (error, retryInMs) => events.onDisconnect(error, retryInMs !== undefined),
    onMessage: (message) => events.onMessage(message),
  });

let server: Awaited<ReturnType<typeof createBrokerServer>>;
let url: string;
let notices: string[];
let onChange: () => void;

beforeEach(async () => {
  notices = [];
  onChange = () => {};
  server = await createBrokerServer({
    hooks: [
      { authorizeSubscribe: (_client, { topicFilter }) => (topicFilter.startsWith("secret") ? 0x87 : undefined) },
    ],
  });
  ({ url } = await server.listenTcp({ host: "127.0.0.1", port: 0 }));
});
afterEach(() => server.close(0));

function connectionTo(...filters: string[]): Connection {
  const profile = {
    ...createProfile("1", url),
    subscriptions: filters.map((filter, colour) => createSubscription(filter, colour)),
  };
  return new Connection(profile, new Observatory(), {
    openClient,
    now: Date.now,
    onChange: () => onChange(),
    onNotice: (_kind, text) => void notices.push(text),
  });
}

/** Resolves when something has changed so that the condition holds. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    onChange = () => {
      if (condition()) resolve();
    };
    onChange();
  });
}

test("subscribes what its profile says and feeds the observatory, a message once, in the colour that says most", async () => {
  const connection = connectionTo("#", "a/+");
  connection.open();
  await until(() => connection.subscriptions.every(({ state }) => state.kind === "granted"));
  expect(connection.status).toMatchObject({ kind: "connected", server: { protocolVersion: 5 } });
  server.broker.publish({ topicName: "a/b", payload: "1", qos: 0 });
  server.broker.publish({ topicName: "c", payload: "2", qos: 0 });
  const { observatory } = connection;
  await until(() => observatory.tree.find("c") !== undefined);
  expect(observatory.list.records().map(({ topic, colour }) => [topic, colour])).toEqual([
    ["a/b", 1],
    ["c", 0],
  ]);
  expect(connection.subscriptions.map(({ messages }) => messages)).toEqual([2, 1]);
  await connection.close();
  expect(connection.status).toEqual({ kind: "closed" });
});

test("a refused filter is told, the others go on", async () => {
  const connection = connectionTo("secret/#", "open/#");
  connection.open();
  await until(() => connection.subscriptions.every(({ state }) => state.kind !== "waiting"));
  expect(connection.subscriptions.map(({ state }) => state.kind)).toEqual(["refused", "granted"]);
  expect(notices).toEqual([expect.stringMatching(/^secret\/#: .*not authorized/i)]);
  await connection.close();
});

test("subscribing anew replaces, unsubscribing ends it", async () => {
  const connection = connectionTo("a");
  connection.open();
  await until(() => connection.subscriptions[0].state.kind === "granted");
  await connection.subscribe({ ...createSubscription("a", 5), qos: 2 });
  expect(connection.subscriptions).toHaveLength(1);
  expect(connection.subscriptions[0].state).toEqual({ kind: "granted", qos: 2 });
  await connection.publish({ topic: "a", payload: new Uint8Array(1), qos: 2, retain: false, properties: {} });
  await until(() => connection.observatory.received === 1);
  expect(connection.subscriptions[0].messages).toBe(1);
  await connection.unsubscribe(connection.subscriptions[0]);
  expect(connection.subscriptions).toEqual([]);
  const { reasonCode } = await connection.publish({
    topic: "a",
    payload: new Uint8Array(),
    qos: 1,
    retain: false,
    properties: {},
  });
  expect(reasonCode).toBe(0x10); // nobody is left
  expect(connection.observatory).toMatchObject({ received: 1, sent: 2 });
  await connection.close();
});

test("a server that goes away, and one that was never there, are told with the reason", async () => {
  const connection = connectionTo();
  connection.open();
  await until(() => connection.status.kind === "connected");
  await server.close(0);
  await until(() => connection.status.kind === "closed");
  expect(connection.status).toMatchObject({ reason: expect.stringMatching(/shutting down/i) });
  await expect(
    connection.publish({ topic: "a", payload: new Uint8Array(), qos: 0, retain: false, properties: {} }),
  ).rejects.toThrow("Connect first");
});

test("retained messages are collected beside the stream of live ones, and deleted", async () => {
  for (const name of ["a", "b"])
    server.broker.publish({ topicName: `kept/${name}`, payload: name, qos: 0, retain: true });
  const connection = connectionTo();
  connection.open();
  await until(() => connection.status.kind === "connected");
  const browser = new RetainedBrowser(openClient, () => {});
  const timer = setInterval(() => server.broker.publish({ topicName: "live", payload: "x", qos: 0 }), 5);
  await browser.browse(connection.profile, "#");
  clearInterval(timer);
  expect([...browser.found.keys()].sort()).toEqual(["kept/a", "kept/b"]);
  await browser.delete(["kept/a"], connection.client!);
  expect([...browser.found.keys()]).toEqual(["kept/b"]);
  await browser.browse(connection.profile, "kept/#");
  expect([browser.state, [...browser.found.keys()]]).toEqual(["done", ["kept/b"]]);
  await browser.browse(connection.profile, "secret/#");
  expect(browser).toMatchObject({ state: "failed", error: expect.stringMatching(/not authorized/i) });
  await connection.close();
});

test("requests are answered, or fail with the reason; the page answers those of others", async () => {
  const connection = connectionTo();
  connection.open();
  await until(() => connection.status.kind === "connected");
  const client = connection.client!;
  const responders = new Responders(() => {});
  await responders.add(client, "echo", undefined);
  await responders.add(client, "text", "always this");
  const log = new RequestLog(Date.now, () => {});
  const ask = async (topic: string, timeoutMs: number) => {
    const request = {
      topic,
      payload: new TextEncoder().encode("hello"),
      qos: 1,
      retain: false,
      properties: {},
    } as const;
    return (await log.send(client, request, timeoutMs)).outcome;
  };
  const text = new TextDecoder();
  for (const [topic, answer] of [
    ["echo", "hello"],
    ["text", "always this"],
  ]) {
    const outcome = await ask(topic, 5_000);
    expect(outcome.kind === "answered" && text.decode(outcome.response.payload)).toBe(answer);
  }
  expect(await ask("nobody", 5_000)).toMatchObject({ kind: "failed" });
  expect(responders.all.map(({ answered }) => answered)).toEqual([1, 1]);
  await responders.remove(responders.all[0]);
  expect(await ask("echo", 5_000)).toMatchObject({ kind: "failed" });
  expect(log.entries).toHaveLength(4);
  await connection.close();
});
