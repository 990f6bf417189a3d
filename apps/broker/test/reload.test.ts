/** The configuration is read again while clients are connected; how the broker ends; what it says of itself. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { IDisconnectPacket } from "mqtt";
import { afterAll, describe, expect, test } from "vitest";
import { Certificates } from "./certificates.js";
import { connectMqttJs } from "./clients/mqtt-js.js";
import { ConfiguredBroker } from "./configured-broker.js";
import { endPrograms, Program } from "./program.js";
import { temporaryDirectory } from "./temporary-directory.js";

afterAll(endPrograms);

const host = "127.0.0.1";
const tcp = (name: string, more: object = {}) => ({ name, type: "tcp", port: 0, ...more });

describe.skipIf(process.platform === "win32")("SIGHUP", () => {
  test("changes certificates, limits, log level and listeners, and nobody is disconnected", async () => {
    const certificates = new Certificates();
    const [before, after] = [certificates.issue("before"), certificates.issue("after")];
    const tls = (issued: object) => ({ name: "mqtts", type: "tls", port: 0, tls: { certificates: [issued] } });
    const broker = await new ConfiguredBroker().start({ listeners: [tcp("stays"), tcp("goes"), tls(before)] });
    const [stays, goes] = [broker.port("mqtt"), broker.port("mqtt", 1)];
    const secure = broker.port("mqtts");
    const open = async (port: number) => (await connectMqttJs(`mqtt://${host}:${port}`, { protocolVersion: 5 })).client;
    const clients = [await open(stays), await open(goes)];
    const overTls = (await connectMqttJs(`mqtts://${host}:${secure}`, { rejectUnauthorized: false })).client;
    const closed: string[] = [];
    for (const client of [...clients, overTls]) client.on("close", () => closed.push("closed"));
    expect(await shown(secure)).toBe("before");

    const record = await broker.reload({
      listeners: [tcp("stays", { maximumQoS: 1 }), tls(after), tcp("comes")],
      limits: { maximumPacketSize: 5000 },
      log: { level: "debug" },
      features: { maximumQoS: 1 },
    });
    expect(record.msg).toBe("configuration read again");
    const changes = record["changes"] as string[];
    expect(changes).toHaveLength(6);
    for (const change of [
      /^closed mqtt:/,
      /^opened mqtt:/,
      /^certificates of mqtts$/,
      /^limits of stays$/,
      /^limits$/,
    ]) {
      expect(changes).toContainEqual(expect.stringMatching(change));
    }
    expect((await broker.program.line("not in force")).includes("features")).toBe(true);
    expect(await shown(secure)).toBe("after");
    const { client: late, connack } = await connectMqttJs(`mqtt://${host}:${stays}`, { protocolVersion: 5 });
    expect(connack.properties).toMatchObject({ maximumPacketSize: 5000, maximumQoS: 1 });
    await broker.program.line("client connected");
    await expect(connectMqttJs(`mqtt://${host}:${goes}`, {})).rejects.toThrow();
    await Promise.all([...clients, overTls].map((client) => client.publishAsync("x", "", { qos: 1 })));
    expect(closed).toEqual([]);
    for (const client of [...clients, overTls, late]) client.end(true);
    await broker.stop();
  });

  test("changes users and rules, also those in files", async () => {
    const open = { listeners: [tcp("a")] };
    const broker = await new ConfiguredBroker().start(open);
    const url = `mqtt://${host}:${broker.port("mqtt")}`;
    const { client } = await connectMqttJs(url, { protocolVersion: 5 });
    await client.publishAsync("anything", "", { qos: 1 });
    const rules = [{ allow: "publish", topics: "open/#" }];
    await broker.reload({ ...open, authentication: { users: [] }, access: { rules } });
    await client.publishAsync("open/x", "", { qos: 1 });
    await expect(client.publishAsync("anything", "", { qos: 1 })).rejects.toThrow(/Not authorized/i);
    await expect(connectMqttJs(url, { protocolVersion: 5 })).rejects.toThrow();
    await broker.reload(open);
    await client.publishAsync("anything", "", { qos: 1 });
    client.end(true);
    await broker.stop();
  });

  test.each([
    ["a mistake", "listners: []\n", "did you mean listeners?"],
    ["a file that is not there", { listeners: [tcp("a")], authentication: { passwordFile: "missing" } }, "cannot read"],
    [
      "certificates that are not there",
      { listeners: [{ name: "t", type: "tls", port: 0, tls: { certificates: [{ certificate: "x", key: "y" }] } }] },
      "cannot read",
    ],
    [
      "an address that cannot be had",
      { listeners: [tcp("b", { host: "192.0.2.1", allowAnonymous: true })] },
      "192.0.2.1",
    ],
  ])("with %s changes nothing and says why", async (_title, configuration, expected) => {
    const broker = await new ConfiguredBroker().start({ listeners: [tcp("a")] });
    const url = `mqtt://${host}:${broker.port("mqtt")}`;
    const { client } = await connectMqttJs(url, {});
    const record = await broker.reload(configuration);
    expect(record).toMatchObject({ level: 50, msg: expect.stringContaining("everything stays as it was") });
    expect(record.msg).toContain(expected);
    await client.publishAsync("x", "", { qos: 1 });
    const again = await broker.reload({ listeners: [tcp("a")], log: { level: "debug" } });
    expect(again).toMatchObject({ msg: "configuration read again", changes: ["log level debug"] });
    client.end(true);
    await broker.stop();
  });
});

function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

describe("the end", () => {
  test("is spread over a time, and names another server", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [tcp("a")],
      drain: { overMs: 600, serverReference: "other.example:1883", isMovedForGood: true },
    });
    const url = `mqtt://${host}:${broker.port("mqtt")}`;
    const goodbyes: { packet: IDisconnectPacket; atMs: number }[] = [];
    for (let i = 0; i < 6; i++) {
      const { client } = await connectMqttJs(url, { protocolVersion: 5 });
      client.on("disconnect", (packet) => goodbyes.push({ packet, atMs: performance.now() }));
    }
    expect(await broker.stop()).toEqual({ code: 0, signal: null });
    expect(goodbyes).toHaveLength(6);
    for (const { packet } of goodbyes) {
      expect(packet).toMatchObject({ reasonCode: 0x9d, properties: { serverReference: "other.example:1883" } });
    }
    expect(goodbyes[5].atMs - goodbyes[0].atMs).toBeGreaterThan(200);
  });
});

test.skipIf(process.platform === "win32")("SIGUSR2 writes a summary", async () => {
  const broker = await new ConfiguredBroker().start({ listeners: [tcp("a")] });
  const { client } = await connectMqttJs(`mqtt://${host}:${broker.port("mqtt")}`, {});
  await client.subscribeAsync("#");
  broker.program.signal("SIGUSR2");
  const summary = JSON.parse(await broker.program.line('"msg":"summary"'));
  expect(summary).toMatchObject({ connections: 1, sessions: 1, subscriptions: 1, listeners: [expect.any(String)] });
  expect(summary.memoryBytes.heapUsed).toBeGreaterThan(1_000_000);
  client.end(true);
  await broker.stop();
});

const hasNotify = spawnSync("systemd-notify", ["--version"]).status === 0;

test.skipIf(!hasNotify)("systemd hears that it is ready, alive, reloading and stopping", async () => {
  const path = join(temporaryDirectory(), "notify.sock");
  const listen = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(repr(s.recv(4096).decode()), flush=True)
`;
  const listener = new Program("python3", ["-c", listen, path]);
  await listener.line("bound");
  const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "400000" };
  Object.assign(process.env, env);
  try {
    const broker = await new ConfiguredBroker().start({ listeners: [tcp("a")] });
    await listener.line("READY=1");
    await listener.line("WATCHDOG=1");
    await broker.reload({ listeners: [tcp("a")] });
    await listener.line("RELOADING=1");
    await broker.stop();
    await listener.line("STOPPING=1");
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
});
