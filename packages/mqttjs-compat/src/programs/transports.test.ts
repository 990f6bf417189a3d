/** Programs that say how to reach the server: TLS, WebSocket, a Unix socket, a proxy, streams of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerInfo } from "@tidings/transport";
import { SERVER_CERTIFICATE, SERVER_KEY } from "@tidings/transport/testing";
import { expect, test } from "vitest";
import WebSocket from "ws";
import type { MqttClient } from "../mqtt-client.js";
import { type Program, runBoth, type Stage } from "../testing/run-both.js";
import { socksServer } from "../testing/socks-server.js";

const host = "127.0.0.1";
const TLS = { key: SERVER_KEY, cert: SERVER_CERTIFICATE };

const peerOf = (server: Stage["server"], clientId: string): PeerInfo =>
  server.broker.client(clientId)?.peer as PeerInfo;

/** Publishes to itself and notes what comes. */
async function hello(client: MqttClient, note: Stage["note"]): Promise<void> {
  const message = new Promise<void>((resolve) => {
    client.once("message", (topic, payload) => {
      note(topic, payload.length);
      resolve();
    });
  });
  await client.subscribeAsync("hello");
  await client.publishAsync("hello", "x".repeat(70_000), { qos: 1 });
  await message;
  await client.endAsync();
}

/** What becomes of an attempt to connect: connected, or the code of the first error. */
async function outcome(client: MqttClient): Promise<string> {
  const result = await new Promise<string>((resolve) => {
    client.once("connect", () => resolve("connected"));
    client.once("error", (error) => resolve(`refused ${error.code ?? ""}`));
    client.once("close", () => resolve("closed"));
  });
  await client.endAsync(true);
  return result;
}

const programs: Record<string, Program> = {
  "TLS with a certificate authority": async ({ mqtt, server, note }) => {
    const { url } = await server.listenTls({ host, port: 0, tls: TLS });
    note(new URL(url).protocol);
    await hello(await mqtt.connectAsync(url.replace(host, "localhost"), { ca: SERVER_CERTIFICATE }), note);
    const unknown = mqtt.connect(url.replace(host, "localhost"), { reconnectPeriod: 0 });
    note(await outcome(unknown));
    const unchecked = { rejectUnauthorized: false };
    note(await outcome(mqtt.connect(url.replace(host, "localhost"), unchecked)));
  },
  "TLS with a certificate of the client": async ({ mqtt, server, note }) => {
    const { url } = await server.listenTls({
      host,
      port: 0,
      tls: { ...TLS, requestCert: true, ca: SERVER_CERTIFICATE },
    });
    const address = url.replace(host, "localhost");
    const client = await mqtt.connectAsync(address, { ...TLS, ca: [SERVER_CERTIFICATE], clientId: "certified" });
    note(peerOf(server, "certified").tls?.certificateCommonName);
    await client.endAsync();
    note((await outcome(mqtt.connect(address, { ca: [SERVER_CERTIFICATE], reconnectPeriod: 0 }))) !== "connected");
  },
  "TLS by a certificate and a key alone": async ({ mqtt, server, note }) => {
    const { url } = await server.listenTls({
      host,
      port: 0,
      tls: { ...TLS, requestCert: true, ca: SERVER_CERTIFICATE },
    });
    const port = Number(new URL(url.replace("mqtts:", "http:")).port);
    const options = { protocol: "mqtt" as const, host: "localhost", port, ca: SERVER_CERTIFICATE };
    await hello(await mqtt.connectAsync({ ...options, ...TLS }), note);
  },
  "ALPN, and a server name": async ({ mqtt, server, note }) => {
    const { url } = await server.listenTls({ host, port: 0, tls: { ...TLS, ALPNProtocols: ["mqtt"] } });
    const options = { ca: SERVER_CERTIFICATE, reconnectPeriod: 0, servername: "localhost" };
    await hello(await mqtt.connectAsync(url, { ...options, ALPNProtocols: ["mqtt"], clientId: "named" }), note);
    note((await outcome(mqtt.connect(url, { ...options, ALPNProtocols: ["x-other"] }))) !== "connected");
    note((await outcome(mqtt.connect(url, { ...options, servername: "elsewhere.example" }))) !== "connected");
  },
  WebSocket: async ({ mqtt, server, note }) => {
    const { url } = await server.listenWebSocket({ host, port: 0, path: "/live" });
    note(new URL(url).pathname);
    const wsOptions = { headers: { "X-Token": "t" }, origin: "https://page.example" };
    const client = await mqtt.connectAsync(url, { clientId: "web", wsOptions });
    const { httpHeaders } = peerOf(server, "web");
    note(httpHeaders?.["x-token"], httpHeaders?.origin, httpHeaders?.["sec-websocket-protocol"]);
    await hello(client, note);
  },
  "WebSocket over TLS": async ({ mqtt, server, note }) => {
    const { url } = await server.listenWebSocket({ host, port: 0, tls: TLS });
    await hello(await mqtt.connectAsync(url, { ca: SERVER_CERTIFICATE }), note);
    await hello(await mqtt.connectAsync(url, { wsOptions: { rejectUnauthorized: false } }), note);
    note(await outcome(mqtt.connect(url, { reconnectPeriod: 0 })));
  },
  "the URL of a WebSocket is changed for each attempt": async ({ mqtt, server, note }) => {
    const { url } = await server.listenWebSocket({ host, port: 0, path: "/signed" });
    let signature = 0;
    const client = mqtt.connect(url.replace("/signed", "/unsigned?v=1"), {
      clientId: "signed",
      reconnectPeriod: 20,
      transformWsUrl: (given, options, self) => {
        signature += 1;
        note(new URL(given).pathname, new URL(given).search, options.clientId, self.options.clientId);
        return given.replace(/unsigned.*/, signature === 2 ? "elsewhere" : `signed?signature=${signature}`);
      },
    });
    for (const _round of [1, 2]) {
      await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
      note("connected", signature);
      if (signature === 1) server.broker.client("signed")?.disconnect(0x98);
    }
    await client.endAsync();
  },
  "a WebSocket of the program": async ({ mqtt, server, note }) => {
    const { url } = await server.listenWebSocket({ host, port: 0, path: "/mqtt" });
    const client = await mqtt.connectAsync(url, {
      clientId: "own",
      createWebsocket: (to, subprotocols, options) => {
        note(to === url, subprotocols, options.clientId);
        return new WebSocket(to, [...subprotocols, "extra"], { headers: { "X-Own": "yes" } });
      },
    });
    note(peerOf(server, "own").httpHeaders?.["x-own"]);
    await hello(client, note);
  },
  "a Unix socket": async ({ mqtt, server, note }) => {
    const folder = mkdtempSync(join(tmpdir(), "mqtt-"));
    try {
      await server.listenUnix({ path: join(folder, "s") });
      await hello(await mqtt.connectAsync(`mqtt+unix://${join(folder, "s")}`), note);
      await hello(await mqtt.connectAsync({ protocol: "mqtt", unixSocket: true, path: join(folder, "s") }), note);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  "a SOCKS proxy": async ({ mqtt, port, server, note }) => {
    const { url } = await server.listenTls({ host, port: 0, tls: TLS });
    const proxy = await socksServer();
    const ports = [port, Number(new URL(url.replace("mqtts:", "http:")).port)];
    try {
      await hello(await mqtt.connectAsync(`mqtt://localhost:${port}`, { socksProxy: proxy.url }), note);
      const secure = url.replace(host, "localhost");
      await hello(await mqtt.connectAsync(secure, { socksProxy: proxy.url, ca: SERVER_CERTIFICATE }), note);
      process.env.MQTTJS_SOCKS_PROXY = proxy.url;
      await hello(await mqtt.connectAsync(`mqtt://localhost:${port}`), note);
      note(proxy.asked.map((asked) => asked.replace(/\d+$/, (number) => `port ${ports.indexOf(Number(number))}`)));
    } finally {
      delete process.env.MQTTJS_SOCKS_PROXY;
      proxy.close();
    }
  },
  "a stream builder": async ({ mqtt, port, server, note }) => {
    let built = 0;
    const client = new mqtt.MqttClient(
      (self) => {
        built += 1;
        note("built", built, self.options.clientId);
        return connectSocket({ host, port });
      },
      { clientId: "built", reconnectPeriod: 20 },
    );
    client.on("error", (error) => note("error", error.code));
    client.on("close", () => note("close"));
    await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
    server.broker.client("built")?.disconnect(0x98);
    await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
    await hello(client, note);
  },
  "a stream builder that leads nowhere": async ({ mqtt, note }) => {
    const client = new mqtt.MqttClient(() => connectSocket({ path: "/nowhere/socket" }), { reconnectPeriod: 0 });
    client.on("error", (error) => note("error", error.code));
    await new Promise<void>((resolve) => void client.once("close", () => resolve()));
    note(client.connected);
    await client.endAsync();
  },
  "a list of servers": async ({ mqtt, port, server, note }) => {
    const free = await server.listenTcp({ host, port: 0 });
    const closed = Number(new URL(free.url.replace("mqtt:", "http:")).port);
    await free.close();
    const servers = [
      { host, port: closed },
      { host, port },
    ];
    const client = mqtt.connect({ servers, protocol: "mqtt", reconnectPeriod: 10 });
    client.on("error", (error) => note("error", error.code));
    await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
    await hello(client, note);
  },
};

test.each(Object.entries(programs))("%s is the same program with both", async (_name, program) => {
  const { original, compatible } = await runBoth(program);
  expect(original.length).toBeGreaterThan(0);
  expect(compatible).toEqual(original);
});
