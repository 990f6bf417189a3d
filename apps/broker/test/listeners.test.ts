/** Listeners of every kind in the real app, with certificates that openssl made and clients that people use. */
import { spawnSync } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { connect as connectTidings } from "@tidings/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Certificates, type Issued } from "./certificates.js";
import { connectMqttJs } from "./clients/mqtt-js.js";
import { ConfiguredBroker } from "./configured-broker.js";
import { endPrograms, Program } from "./program.js";
import { CONNECT_3_1_1, RawConnection } from "./raw-connection.js";

const host = "127.0.0.1";
let certificates: Certificates;
let server: Issued;
let other: Issued;
let wanted: Issued;
let revoked: Issued;
let crl: string;

beforeAll(() => {
  certificates = new Certificates();
  server = certificates.issue("localhost", ["DNS:localhost", "IP:127.0.0.1"]);
  other = certificates.issue("other.example", ["DNS:other.example"]);
  wanted = certificates.issue("sensor-1");
  revoked = certificates.issue("stolen");
  crl = certificates.revoke(revoked);
});
afterAll(endPrograms);

const tls = () => ({ certificates: [server] });
const mqtts = (more: object = {}) => ({ name: "mqtts", type: "tls", host, port: 0, tls: { ...tls(), ...more } });

/** mosquitto_pub's exit code; 0: it was published at QoS 1. */
async function mosquittoPub(port: number, ...args: string[]): Promise<number | null> {
  const command = ["-h", "localhost", "-p", `${port}`, "-V", "5", "-q", "1", "-t", "x", "-m", "y", ...args];
  return (await new Program("mosquitto_pub", command).exit).code;
}

const missing = spawnSync("mosquitto_pub", ["--help"]).error && !process.env["CI"];

/** Whose certificate a server shows. */
function shown(port: number, options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, ...options }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

describe("TLS", () => {
  test.skipIf(missing)("mosquitto's clients, MQTT.js and ours come in over TCP and WebSocket", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [mqtts(), { ...mqtts(), name: "wss", type: "wss" }],
    });
    const ca = certificates.authority;
    const [port, webSocketPort] = [broker.port("mqtts"), broker.port("wss")];
    const received: string[] = [];
    const { client: overWebSocket } = await connectMqttJs(`wss://localhost:${webSocketPort}/mqtt`, {
      protocolVersion: 5,
      ca: readFileSync(ca),
    });
    await overWebSocket.subscribeAsync("#");
    const arrived = new Promise<void>((resolve) =>
      overWebSocket.on("message", (topic, payload) => {
        received.push(`${topic} ${payload}`);
        if (received.length === 2) resolve();
      }),
    );
    expect(await mosquittoPub(port, "--cafile", ca)).toBe(0);
    expect(await mosquittoPub(port)).not.toBe(0); // it does not trust the certificate
    const ours = await connectTidings(`mqtts://localhost:${port}`, { tls: { ca: readFileSync(ca) } });
    await ours.publish("from/ours", "hello", { qos: 1 });
    await ours.close();
    await arrived;
    expect(received.sort()).toEqual(["from/ours hello", "x y"]);
    await overWebSocket.endAsync(true);
    expect(await broker.stop()).toEqual({ code: 0, signal: null });
  });

  test.skipIf(missing)("client certificates: wanted, absent, of another CA, revoked", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [
        mqtts({
          clientCertificate: "required",
          clientAuthorities: certificates.authority,
          revocationLists: crl,
        }),
      ],
      authentication: { clientCertificate: {} },
      log: { level: "debug" },
    });
    const port = broker.port("mqtts");
    const ca = ["--cafile", certificates.authority];
    const as = ({ certificate, key }: Issued) => [...ca, "--cert", certificate, "--key", key];
    expect(await mosquittoPub(port, ...as(wanted))).toBe(0);
    expect(await mosquittoPub(port, ...ca)).not.toBe(0);
    expect(await mosquittoPub(port, ...as(revoked))).not.toBe(0);
    expect(await mosquittoPub(port, ...as(new Certificates().issue("sensor-1")))).not.toBe(0);
    await broker.stop();
  });

  test("the certificate is that of the name, ALPN is answered, and TLS 1.1 is not spoken", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [mqtts({ certificates: [server, other], applicationProtocols: ["mqtt"] })],
    });
    const port = broker.port("mqtts");
    expect(await shown(port, { servername: "other.example" })).toBe("other.example");
    expect(await shown(port, { servername: "localhost", ALPNProtocols: ["mqtt"] })).toBe("localhost");
    await expect(shown(port, { ALPNProtocols: ["h2"] })).rejects.toThrow();
    await expect(
      shown(port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
    ).rejects.toThrow();
    await broker.stop();
  });
});

describe("each listener has its own", () => {
  test("versions, mount point, limits, users and rules", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [
        { name: "inside", type: "tcp", port: 0 },
        {
          name: "tenant",
          type: "tcp",
          port: 0,
          mountPoint: "tenant/a/",
          protocolVersions: ["5.0"],
          maximumQoS: 1,
          limits: { maximumPacketSize: 1000 },
          authentication: { users: [{ name: "anna", password: hashOfSecret() }] },
          access: { rules: [{ allow: "all", topics: "tenant/a/%u/#" }] },
        },
      ],
    });
    const [inside, tenant] = [broker.port("mqtt"), broker.port("mqtt", 1)].map((port) => `mqtt://${host}:${port}`);
    const { client: operator } = await connectMqttJs(inside, { protocolVersion: 4, username: "anybody" });
    const messages: string[] = [];
    const seen = new Promise<void>((resolve) =>
      operator.on("message", (topic) => {
        messages.push(topic);
        if (topic.endsWith("last")) resolve();
      }),
    );
    await operator.subscribeAsync("#");
    const anna = { username: "anna", password: "secret", protocolVersion: 5 as const };
    const { client, connack } = await connectMqttJs(tenant, anna);
    expect(connack.properties).toMatchObject({ maximumPacketSize: 1000, maximumQoS: 1 });
    await expect(client.publishAsync("bertha/x", "", { qos: 1 })).rejects.toThrow(/Not authorized/i);
    await client.publishAsync("anna/last", "", { qos: 1 });
    await seen;
    expect(messages).toEqual(["tenant/a/anna/last"]);
    await expect(connectMqttJs(tenant, { ...anna, protocolVersion: 4 })).rejects.toThrow();
    await expect(connectMqttJs(tenant, { ...anna, password: "wrong" })).rejects.toThrow();
    await expect(connectMqttJs(tenant, { protocolVersion: 5 })).rejects.toThrow();
    await Promise.all([client.endAsync(true), operator.endAsync(true)]);
    await broker.stop();
  });

  test("connection rate, number of connections, and a Unix socket", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [
        { name: "slow", type: "tcp", port: 0, connectionRate: { perAddressPerSecond: 0.001, perAddressBurst: 2 } },
        { name: "small", type: "tcp", port: 0, connectionsMax: 1 },
        { name: "local", type: "unix", path: "mqtt.sock" },
      ],
      log: { level: "debug" },
    });
    for (const port of [broker.port("mqtt"), broker.port("mqtt", 1)]) {
      const limit = port === broker.port("mqtt") ? 2 : 1;
      for (let i = 0; i < limit; i++) await new RawConnection(port).ask(CONNECT_3_1_1);
      expect(await new RawConnection(port).closed).toBe("");
    }
    await broker.program.line("connects too often");
    const socket = connectTcp(`${broker.directory}/mqtt.sock`);
    socket.write(Buffer.from(CONNECT_3_1_1.replaceAll(" ", ""), "hex"));
    const answer = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    expect(answer.toString("hex")).toBe("20020000");
    await broker.stop();
  });

  test("proxies: the PROXY protocol and X-Forwarded-For, from those that are trusted", async () => {
    const broker = await new ConfiguredBroker().start({
      listeners: [
        { name: "proxied", type: "tcp", port: 0, proxyProtocol: { trustedAddresses: ["127.0.0.1"] } },
        {
          name: "page",
          type: "ws",
          port: 0,
          path: "/mqtt",
          trustedProxies: ["127.0.0.1"],
          origins: ["https://good.example"],
        },
        { name: "nobody", type: "tcp", port: 0, proxyProtocol: { trustedAddresses: ["192.0.2.1"] } },
      ],
      log: { level: "debug" },
    });
    const proxied = new RawConnection(broker.port("mqtt"));
    const line = Buffer.from("PROXY TCP4 203.0.113.9 192.0.2.1 56324 1883\r\n").toString("hex");
    await proxied.ask(`${line} ${CONNECT_3_1_1}`);
    const record = await broker.program.line("203.0.113.9:56324");
    expect(JSON.parse(record)).toMatchObject({ msg: "client connected", listener: "proxied", proxyAddress: host });
    expect(await cutOff(broker.port("mqtt"), CONNECT_3_1_1)).toBe("");
    expect(await cutOff(broker.port("mqtt", 1), `${line} ${CONNECT_3_1_1}`)).toBe("");
    const url = `ws://${host}:${broker.port("ws")}/mqtt`;
    const wsOptions = { headers: { "X-Forwarded-For": "203.0.113.77" }, origin: "https://good.example" };
    const { client } = await connectMqttJs(url, { wsOptions });
    await broker.program.line("203.0.113.77");
    await client.endAsync(true);
    await expect(connectMqttJs(url, { wsOptions: { origin: "https://evil.example" } })).rejects.toThrow();
    await broker.program.line("https://evil.example is not on the list");
    await broker.stop();
  });
});

async function cutOff(port: number, hex: string): Promise<string> {
  const connection = new RawConnection(port);
  connection.send(hex);
  return connection.closed;
}

function hashOfSecret(): string {
  // PBKDF2 with SHA-512, as mosquitto_passwd's $7$.
  const salt = Buffer.alloc(12, 7);
  return `$7$101$${salt.toString("base64")}$${pbkdf2Sync("secret", salt, 101, 64, "sha512").toString("base64")}`;
}
