/** The client against brokers: the core of Tidings in memory, its app, mosquitto and aedes over TCP. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBrokerServer } from "../packages/broker/src/node/index.js";
import { type Client, connect, connectPool } from "../packages/client/src/index.js";
import { fileSessionStore } from "../packages/client/src/node/file-session-store.js";
import { exerciseClient, expectedOf } from "./exercise-client.js";

interface RunningBroker {
  readonly url: string;
  stop(): Promise<void>;
}

async function startTidings(): Promise<RunningBroker> {
  const server = await createBrokerServer();
  const listener = await server.listenTcp({ host: "127.0.0.1", port: 0 });
  return { url: listener.url, stop: () => server.close(0) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startMosquitto(): Promise<RunningBroker> {
  const folder = await mkdtemp(join(tmpdir(), "tidings-mosquitto-"));
  const port = await freePort();
  const configuration = join(folder, "mosquitto.conf");
  await writeFile(configuration, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const child = spawn(mosquitto() as string, ["-c", configuration], { stdio: "ignore" });
  const url = `mqtt://127.0.0.1:${port}`;
  const probe = await connect(url, { retryFirstConnect: true, reconnect: { delay: () => 20 } });
  await probe.close();
  return {
    url,
    stop: async () => {
      child.kill();
      await once(child, "exit");
      await rm(folder, { recursive: true });
    },
  };
}

/** Debian keeps it where only root looks. */
function mosquitto(): string | undefined {
  for (const name of ["mosquitto", "/usr/sbin/mosquitto"]) {
    try {
      execFileSync(name, ["-h"], { stdio: "ignore" });
      return name;
    } catch (error) {
      if (
        (error as { status?: number }).status !== undefined &&
        (error as { status?: number | null }).status !== null
      ) {
        return name; // help ends with a status of its own
      }
    }
  }
  return undefined;
}

async function startAedes(): Promise<RunningBroker> {
  const { Aedes } = await import("aedes");
  const broker = await Aedes.createBroker();
  const server: Server = createServer(broker.handle as never);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    stop: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      server.close();
    },
  };
}

const PEERS = [
  ["tidings", startTidings, [5, 4, 3]],
  ["aedes", startAedes, [undefined, 4]],
  ...(mosquitto() === undefined ? [] : [["mosquitto", startMosquitto, [5, 4, 3]] as const]),
] as const;

describe.each(PEERS)("%s", (_, start, versions) => {
  let broker: RunningBroker;
  const clients: Client[] = [];

  beforeAll(async () => {
    broker = await start();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close({ force: true })));
    await broker.stop();
  });

  test.each([...versions])("publishes, receives and unsubscribes with version %s", async (protocolVersion) => {
    const client = await connect(broker.url, { protocolVersion });
    clients.push(client);
    if (protocolVersion === undefined) expect(client.server?.protocolVersion).toBe(4);
    const subscription = await client.subscribe("greetings/+", { qos: 2 });
    for (const qos of [0, 1, 2] as const) await client.publish(`greetings/${qos}`, `hello ${qos}`, { qos });
    const seen: string[] = [];
    for await (const message of subscription) {
      seen.push(`${message.text()} ${message.qos}`);
      if (seen.length === 3) break;
    }
    expect(seen.sort()).toEqual(["hello 0 0", "hello 1 1", "hello 2 2"]);
    await client.publish("kept", "retained", { qos: 1, retain: true });
    const [kept] = await first(client, "kept", 1);
    expect([kept.retain, kept.text()]).toEqual([true, "retained"]);
    await client.publish("kept", "", { retain: true });
    await client.close();
    expect(client.status).toBe("closed");
  });

  test.each(versions.filter((version) => version !== undefined))(
    "keeps properties, retained messages, wills and sessions, version %s",
    async (protocolVersion) => {
      expect(await exerciseClient(broker.url, { protocolVersion })).toEqual(expectedOf(protocolVersion));
    },
  );

  test("takes a thousand messages of each QoS, and gives them back in order", async () => {
    const client = await connect(broker.url);
    clients.push(client);
    const seen: string[] = [];
    let done: () => void = () => {};
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const handler = (message: { text(): string }): void => {
      seen.push(message.text());
      if (seen.length === 2_000) done();
    };
    await client.subscribe("many/#", { qos: 2, handler });
    const published: Promise<unknown>[] = [];
    for (const qos of [1, 2] as const) {
      for (let count = 0; count < 1_000; count += 1)
        published.push(client.publish(`many/${qos}`, `${qos} ${count}`, { qos }));
    }
    await Promise.all(published);
    await all;
    for (const qos of [1, 2]) {
      const texts = seen.filter((text) => text.startsWith(`${qos} `));
      expect(texts).toEqual(Array.from({ length: 1_000 }, (_, count) => `${qos} ${count}`));
    }
    await client.close();
  });

  test("resumes a session of a process that ended, with what it had queued", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tidings-client-broker-"));
    const options = (path: string) => ({
      clientIdentifier: "resuming",
      sessionStore: fileSessionStore(join(folder, path), { sync: false }),
    });
    const client = await connect(broker.url, options("journal"));
    await client.subscribe("while/away", { qos: 1 });
    await client.close({ properties: { sessionExpiryInterval: 60 } });
    const other = await connect(broker.url);
    clients.push(other);
    await other.publish("while/away", "missed", { qos: 1 });
    const again = await connect(broker.url, options("journal"));
    clients.push(again);
    expect(again.server?.sessionPresent).toBe(true);
    const [missed] = await first(again, "while/away", 1);
    expect(missed.text()).toBe("missed");
    await again.close({ properties: { sessionExpiryInterval: 0 } });
    await rm(folder, { recursive: true });
  });
});

async function first(client: Client, filter: string, count: number) {
  const messages = [];
  const subscription = await client.subscribe(filter, { qos: 1 });
  for await (const message of subscription) if (messages.push(message) === count) break;
  return messages;
}

describe("tidings", () => {
  test("answers requests, and shares work over a pool", async () => {
    const broker = await startTidings();
    const server = await connect(broker.url);
    await server.respond("double", (request) => String(Number(request.text()) * 2));
    const pool = await connectPool(broker.url, { size: 2 });
    const done: string[] = [];
    await pool.subscribe("$share/workers/jobs", { qos: 1, handler: (message) => void done.push(message.text()) });
    const answers = await Promise.all([1, 2, 3].map((value) => pool.request("double", `${value}`)));
    expect(answers.map((answer) => answer.text())).toEqual(["2", "4", "6"]);
    await Promise.all(Array.from({ length: 10 }, (_, job) => server.publish("jobs", `${job}`, { qos: 1 })));
    await expect.poll(() => [...done].sort()).toEqual(Array.from({ length: 10 }, (_, job) => `${job}`));
    await Promise.all([pool.close(), server.close()]);
    await broker.stop();
  });

  test("loses a client and gets it back, with nothing lost", async () => {
    let cut: () => void = () => {};
    const server = await createBrokerServer({
      hooks: [{ onConnect: (connected) => void (cut = () => connected.disconnect(0x98)) }],
    });
    const { url } = await server.listenTcp({ host: "127.0.0.1", port: 0 });
    const got = new Set<string>();
    const client = await connect(url, { reconnect: { delay: () => 5 } });
    await client.subscribe("s", { qos: 1, handler: (message) => void got.add(message.text()) });
    const published: Promise<unknown>[] = [];
    for (let count = 0; count < 300; count += 1) {
      published.push(client.publish("s", `${count}`, { qos: 1 }));
      if (count % 60 === 30) {
        cut();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await Promise.all(published);
    await expect.poll(() => got.size).toBe(300);
    await client.close();
    await server.close(0);
  });
});
