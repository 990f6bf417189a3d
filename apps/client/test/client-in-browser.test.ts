/** @tidings/client itself in headless Chromium, over WebSocket against the real broker app, with its session in IndexedDB. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Client, connect as connectFunction, createClient as createFunction, Message } from "@tidings/client";
import { connect } from "@tidings/client";
import type { indexedDbSessionStore as storeFunction } from "@tidings/client/indexed-db-session-store";
import type { Browser, Page } from "playwright-core";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LogRecord, type RunningBroker, startBroker } from "../../broker/test/start-broker.js";
import { hasChromium, launchChromium } from "./bench.js";

/** What the bundle puts on `window`. */
interface InBrowser {
  readonly connect: typeof connectFunction;
  readonly createClient: typeof createFunction;
  readonly indexedDbSessionStore: typeof storeFunction;
}
declare const tidings: InBrowser;

describe.skipIf(!hasChromium)("the client in a browser", () => {
  let broker: RunningBroker;
  let browser: Browser;
  let peer: Client;
  let script: string;
  let site: Server;
  let page: Page;

  beforeAll(async () => {
    [script, broker, browser] = await Promise.all([bundle(), startBroker(["--log-level", "debug"]), launchChromium()]);
    peer = await connect(broker.url);
    site = createServer(({ url }, response) => {
      const isScript = url === "/client.js";
      response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><script src="client.js"></script>');
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  }, 60_000);

  afterAll(async () => {
    await peer?.close();
    await browser?.close();
    await broker?.stop();
    site?.close();
  });

  beforeEach(async () => {
    const context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    return () => context.close();
  });

  test("needs no polyfill", () => {
    expect(script).not.toMatch(/\bprocess\.|\brequire\(|"node:/);
  });

  test.each([3, 4, 5] as const)("connects, publishes and subscribes, protocol version %i", async (protocolVersion) => {
    const arrived = new Promise<string>((resolve) => {
      void peer.subscribe(`from/browser/${protocolVersion}`, {
        qos: 2,
        handler: (message) => resolve(`${message.qos} ${message.text()}`),
      });
    });
    const outcome = await page.evaluate(
      async ([url, protocolVersion]) => {
        const client = await tidings.connect(url, { protocolVersion });
        const subscription = await client.subscribe(`to/browser/${protocolVersion}`, { qos: 1 });
        const messages = subscription[Symbol.asyncIterator]();
        await client.publish(`from/browser/${protocolVersion}`, "hello", { qos: 2 });
        await client.publish(`to/browser/${protocolVersion}`, new Uint8Array([1, 2, 255]), { qos: 1 });
        const { value } = await messages.next();
        const message = value as Message;
        await client.close();
        return {
          version: client.server?.protocolVersion,
          topic: message.topic,
          payload: [...message.payload],
          status: client.status,
        };
      },
      [broker.webSocketUrl, protocolVersion] as const,
    );
    expect(outcome).toEqual({
      version: protocolVersion,
      topic: `to/browser/${protocolVersion}`,
      payload: [1, 2, 255],
      status: "closed",
    });
    expect(await arrived).toBe("2 hello");
  });

  test("runs in a Web Worker", async () => {
    const outcome = await page.evaluate(
      (url) =>
        new Promise<string[]>((resolve, reject) => {
          const program = async (url: string): Promise<void> => {
            const seen: string[] = [];
            const client = await tidings.connect(url);
            const subscription = await client.subscribe("worker/+", { qos: 2 });
            for (const qos of [0, 1, 2] as const) await client.publish(`worker/${qos}`, `hello ${qos}`, { qos });
            for await (const message of subscription) {
              seen.push(`${message.qos} ${message.text()}`);
              if (seen.length === 3) break;
            }
            await client.close();
            postMessage([...seen.sort(), client.status]);
          };
          const source = `importScripts("${location.origin}/client.js"); (${program})("${url}");`;
          const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
      broker.webSocketUrl,
    );
    expect(outcome).toEqual(["0 hello 0", "1 hello 1", "2 hello 2", "closed"]);
  });

  test("a session in IndexedDB goes on after a reload: what the server kept meanwhile comes", async () => {
    const received: string[] = [];
    await peer.subscribe("reload/up", { qos: 1, handler: (message) => void received.push(message.text()) });
    await page.evaluate(async (url) => {
      const client = await tidings.connect(url, {
        clientIdentifier: "reloader",
        cleanStart: false,
        sessionStore: tidings.indexedDbSessionStore("reloader"),
        properties: { sessionExpiryInterval: 600 },
        reconnect: { delay: () => 600_000 },
      });
      await client.subscribe("reload/down", { qos: 1 });
      await client.publish("reload/up", "before", { qos: 1 });
    }, broker.webSocketUrl);
    await expect.poll(() => received).toEqual(["before"]);

    await page.reload();
    await expect.poll(() => broker.records().some(isGoodbyeOf("reloader"))).toBe(true);
    await peer.publish("reload/down", "while away", { qos: 1 });
    const down = await page.evaluate(async (url) => {
      const waiting: string[] = [];
      const client = await tidings.connect(url, {
        clientIdentifier: "reloader",
        cleanStart: false,
        sessionStore: tidings.indexedDbSessionStore("reloader"),
        properties: { sessionExpiryInterval: 600 },
        onMessage: (message) => void waiting.push(message.text()),
      });
      const subscription = await client.subscribe("reload/down", { qos: 1 });
      const messages = subscription[Symbol.asyncIterator]();
      while (waiting.length === 0) {
        const { value } = await messages.next();
        waiting.push((value as Message).text());
      }
      const { sessionPresent } = client.server as NonNullable<typeof client.server>;
      await client.close();
      return { waiting, sessionPresent };
    }, broker.webSocketUrl);
    expect(down).toEqual({ waiting: ["while away"], sessionPresent: true });
  });

  test("what was published while there was no server is sent by the page after the reload", async () => {
    const received: string[] = [];
    await peer.subscribe("later/#", { qos: 1, handler: (message) => void received.push(message.text()) });
    await page.evaluate(async () => {
      const sessionStore = tidings.indexedDbSessionStore("later");
      await new Promise<void>((resolve) => {
        const client = tidings.createClient("ws://127.0.0.1/mqtt", {
          clientIdentifier: "later",
          cleanStart: false,
          sessionStore,
          beforeConnect: () => {
            resolve(); // the store has been read
            throw new Error("there is no server");
          },
        });
        Object.assign(window, { client });
      });
      const { client } = window as unknown as { client: Client };
      for (const text of ["one", "two", "three"]) client.publish("later/a", text, { qos: 1 }).catch(() => {});
    });
    await expect.poll(() => page.evaluate(contentOfDatabase, "later")).toContain("three");
    await page.reload();
    await page.evaluate(async (url) => {
      const sessionStore = tidings.indexedDbSessionStore("later");
      const client = await tidings.connect(url, { clientIdentifier: "later", cleanStart: false, sessionStore });
      await client.close();
    }, broker.webSocketUrl);
    await expect.poll(() => received).toEqual(["one", "two", "three"]);
  });

  test("what was in flight at the reload is sent again: QoS 1 is not lost, QoS 2 not doubled", async () => {
    const received: string[] = [];
    await peer.subscribe("flight/#", { qos: 2, handler: (message) => void received.push(message.text()) });
    await page.evaluate(async (url) => {
      let isDeaf = false;
      const client = await tidings.connect(url, {
        clientIdentifier: "flight",
        cleanStart: false,
        sessionStore: tidings.indexedDbSessionStore("flight"),
        properties: { sessionExpiryInterval: 600 },
        wrapStream: (stream) =>
          new Proxy(stream, {
            get(target, name) {
              if (name !== "start") {
                const value = Reflect.get(target, name, target);
                return typeof value === "function" ? value.bind(target) : value;
              }
              return (handler: Parameters<typeof stream.start>[0]) =>
                target.start({
                  onBytes: (bytes, start, end) => {
                    if (!isDeaf) handler.onBytes(bytes, start, end);
                  },
                  onDrain: () => handler.onDrain(),
                  onClose: (error) => handler.onClose(error),
                });
            },
          }),
      });
      isDeaf = true; // no acknowledgement arrives any more
      for (const qos of [1, 2] as const) client.publish(`flight/${qos}`, `QoS ${qos}`, { qos }).catch(() => {});
    }, broker.webSocketUrl);
    await expect.poll(() => received).toContain("QoS 1");

    await page.reload();
    const pending = await page.evaluate(async (url) => {
      const client = await tidings.connect(url, {
        clientIdentifier: "flight",
        cleanStart: false,
        sessionStore: tidings.indexedDbSessionStore("flight"),
        properties: { sessionExpiryInterval: 600 },
      });
      const atFirst = client.pendingMessages;
      while (client.pendingMessages > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const { sessionPresent } = client.server as NonNullable<typeof client.server>;
      await client.close({ properties: { sessionExpiryInterval: 0 } });
      return { atFirst, sessionPresent };
    }, broker.webSocketUrl);
    expect(pending).toEqual({ atFirst: 2, sessionPresent: true });
    await expect.poll(() => received.filter((text) => text === "QoS 2")).toEqual(["QoS 2"]);
    expect(received.filter((text) => text === "QoS 1").length).toBeGreaterThanOrEqual(1);
  });
});

const isGoodbyeOf = (clientId: string) => (record: LogRecord) =>
  record.msg === "client disconnected" && record["clientId"] === clientId;

/** Runs in the page: all that is in the database, as text. */
function contentOfDatabase(name: string): Promise<string> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => {
      const rows = opening.result.transaction("batches").objectStore("batches").getAll();
      rows.onsuccess = () => {
        opening.result.close();
        resolve(rows.result.map((row: Uint8Array) => new TextDecoder().decode(row)).join());
      };
    };
  });
}

/** One classic script, from the sources, as an application's bundler would make it. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    root: fileURLToPath(new URL(".", import.meta.url)),
    logLevel: "error",
    resolve: { conditions: ["@tidings/source", "browser", "module", "import", "default"] },
    build: {
      write: false,
      target: "es2022",
      lib: {
        entry: fileURLToPath(new URL("client-in-browser.ts", import.meta.url)),
        name: "tidings",
        formats: ["iife"],
      },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return output[0].code;
}
