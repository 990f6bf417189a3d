/** Proxies, and those who come too often, at listeners of every kind. */
import { rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTlsOver } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import type { ByteStream } from "../byte-stream.js";
import { ConnectionRate } from "../connection-rate.js";
import type { Listener } from "../listener.js";
import { portOf, SERVER_TLS, temporaryDirectory } from "../testing/open-pairs.js";
import { proxyV2 } from "../testing/proxy-v2.js";
import { SERVER_CERTIFICATE } from "../testing/test-certificates.js";
import type { TransportError } from "../transport-error.js";
import {
  connectTcp,
  connectTls,
  connectWebSocket,
  listenTcp,
  listenTls,
  listenUnix,
  listenWebSocket,
} from "./index.js";
import type { PortOptions } from "./listen-options.js";

const host = "127.0.0.1";
const V1 = "PROXY TCP4 203.0.113.9 192.0.2.1 56324 443\r\n";
const V2 = proxyV2({ source: "203.0.113.9", destination: "192.0.2.1", ssl: { client: 7, verify: 0, commonName: "s" } });
const HELLO = Buffer.from("hello");

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

type Listen = (options: PortOptions, onStream: (stream: ByteStream) => void) => Promise<Listener>;
const tls = SERVER_TLS;
const kinds: [string, Listen, (raw: Socket) => Promise<void>][] = [
  ["tcp", listenTcp, speakPlainly],
  [
    "tcp without bare handles",
    (options, onStream) => listenTcp({ ...options, bareHandles: false }, onStream),
    speakPlainly,
  ],
  ["tls", (options, onStream) => listenTls({ ...options, tls }, onStream), speakTls],
  ["ws", (options, onStream) => listenWebSocket(options, onStream), speakWebSocket],
  [
    "wss",
    (options, onStream) => listenWebSocket({ ...options, tls }, onStream),
    async (raw) => speakWebSocket(await overTls(raw)),
  ],
];

async function speakPlainly(raw: Socket): Promise<void> {
  raw.write(HELLO);
}

async function speakTls(raw: Socket): Promise<void> {
  (await overTls(raw)).write(HELLO);
}

function overTls(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = connectTlsOver({ socket, ca: SERVER_CERTIFICATE, servername: "localhost" }, () => resolve(secure));
    secure.once("error", reject);
  });
}

function speakWebSocket(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { createConnection: () => socket } as unknown as WebSocket.ClientOptions;
    const client = new WebSocket("ws://localhost/mqtt", "mqtt", options);
    client.once("open", () => client.send(HELLO, () => resolve()));
    client.once("error", reject);
  });
}

async function listening(listen: Listen, options: Omit<PortOptions, "port" | "host">) {
  const errors: TransportError[] = [];
  let heard: (value: { stream: ByteStream; text: string }) => void = () => {};
  const first = new Promise<{ stream: ByteStream; text: string }>((resolve) => {
    heard = resolve;
  });
  let failed: (error: TransportError) => void = () => {};
  const refused = new Promise<TransportError>((resolve) => {
    failed = resolve;
  });
  const onError = (error: TransportError): void => {
    errors.push(error);
    failed(error);
  };
  const listener = await listen({ host, port: 0, onError, ...options }, (stream) => {
    cleanups.push(() => stream.destroy());
    stream.start({
      onBytes: (bytes, start, end) => heard({ stream, text: Buffer.from(bytes.subarray(start, end)).toString() }),
      onDrain: () => {},
      onClose: () => {},
    });
  });
  cleanups.push(() => listener.close());
  return { listener, port: portOf(listener), first, refused, errors };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.once("error", reject);
    cleanups.push(() => socket.destroy());
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.resume();
  });

describe.each(kinds)("behind a proxy, %s", (name, listen, speak) => {
  const proxyProtocol = { trustedAddresses: ["127.0.0.0/8"] };

  test.each([
    ["version 1", Buffer.from(V1)],
    ["version 2", V2],
  ])("%s says who the client is", async (version, header) => {
    const { first, port } = await listening(listen, { proxyProtocol });
    const raw = await connected(port);
    raw.write(header);
    await speak(raw);
    const { stream, text } = await first;
    expect(text).toBe("hello");
    expect(stream.peer).toMatchObject({
      transport: name.split(" ")[0],
      address: "203.0.113.9",
      port: 56_324,
      localAddress: "192.0.2.1",
      localPort: 443,
      proxyAddress: host,
    });
    const isTls = name === "tls" || name === "wss";
    if (isTls) expect(stream.peer.tls).toMatchObject({ authorized: false, serverName: "localhost" });
    else if (version === "version 2")
      expect(stream.peer.tls).toMatchObject({ authorized: true, certificateCommonName: "s" });
    else expect(stream.peer.tls).toBeUndefined();
    // Both directions work.
    stream.write(HELLO);
  });

  test("what comes with the header in one packet is not lost", async () => {
    if (name !== "tcp") return;
    const { first, port } = await listening(listen, { proxyProtocol });
    (await connected(port)).write(`${V1}hello`);
    expect((await first).text).toBe("hello");
  });

  test("a health check keeps the proxy's own address", async () => {
    const { first, port } = await listening(listen, { proxyProtocol, admits: () => false });
    const raw = await connected(port);
    raw.write(proxyV2({ command: 0x20 }));
    await speak(raw);
    const { peer } = (await first).stream;
    expect(peer.address).toBe(host);
    expect(peer.proxyAddress).toBeUndefined();
  });

  test("without a header, with a wrong one, or with none in time, the connection is cut", async () => {
    const { port, errors } = await listening(listen, { proxyProtocol: { ...proxyProtocol, timeoutMs: 40 } });
    for (const bytes of ["\x16\x03\x01\x02", "PROXY TCP4 nonsense\r\n", "PROXY TCP4 203"]) {
      const raw = await connected(port);
      raw.write(bytes);
      await closed(raw);
    }
    expect(errors.map(({ code }) => code)).toEqual(Array(3).fill("TIDINGS_PROXY_PROTOCOL"));
    expect(errors.map(({ message }) => message).join()).toMatch(/no PROXY.*not understood.*within 40 ms/);
  });

  test("who is no trusted proxy is cut, header or not", async () => {
    const { port, refused } = await listening(listen, { proxyProtocol: { trustedAddresses: ["192.0.2.0/24"] } });
    const raw = await connected(port);
    raw.write(V1);
    await closed(raw);
    expect((await refused).message).toContain("127.0.0.1 is no trusted proxy");
  });

  test("the rate is that of the client, not of the proxy", async () => {
    const rate = new ConnectionRate({ perAddressPerSecond: 1 });
    const asked: (string | undefined)[] = [];
    const admits = (address: string | undefined): boolean => {
      asked.push(address);
      return rate.admits(address, 0);
    };
    const { port, refused, first } = await listening(listen, { proxyProtocol, admits });
    const raw = await connected(port);
    raw.write(V1);
    await speak(raw);
    await first;
    const again = await connected(port);
    again.write(V1);
    await closed(again);
    expect((await refused).code).toBe("TIDINGS_CONNECTION_RATE");
    expect(asked).toEqual(["203.0.113.9", "203.0.113.9"]);
  });
});

describe("who comes too often", () => {
  test.each(kinds)("is cut, %s", async (_name, listen, speak) => {
    const rate = new ConnectionRate({ perAddressPerSecond: 1 });
    const { port, first, refused } = await listening(listen, { admits: (address) => rate.admits(address, 0) });
    const welcome = await connected(port);
    await speak(welcome);
    expect((await first).stream.peer.address).toBe(host);
    await closed(await connected(port));
    expect((await refused).message).toContain("127.0.0.1 connects too often");
  });

  test("closing a gated listener frees its port and keeps its streams", async () => {
    for (const [, listen] of kinds) {
      const { listener, port } = await listening(listen, { admits: () => true });
      await listener.close();
      await expect(connected(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
  });
});

describe("a WebSocket behind proxies", () => {
  const open = (port: number, headers: Record<string, string>) =>
    connectWebSocket({ url: `ws://${host}:${port}/mqtt`, headers });

  test("is known by X-Forwarded-For, if the proxy is trusted", async () => {
    const trusting = await listening(
      (options, onStream) => listenWebSocket({ ...options, trustedProxies: [host] }, onStream),
      {},
    );
    (await open(trusting.port, { "X-Forwarded-For": "6.6.6.6, 203.0.113.9" })).write(HELLO);
    expect((await trusting.first).stream.peer).toMatchObject({ address: "203.0.113.9", proxyAddress: host });
    const careful = await listening((options, onStream) => listenWebSocket(options, onStream), {});
    (await open(careful.port, { "X-Forwarded-For": "203.0.113.9" })).write(HELLO);
    const { peer } = (await careful.first).stream;
    expect([peer.address, peer.proxyAddress]).toEqual([host, undefined]);
  });

  test("gets 429 when the client behind comes too often", async () => {
    const rate = new ConnectionRate({ perAddressPerSecond: 1 });
    const { port, refused } = await listening(
      (options, onStream) => listenWebSocket({ ...options, trustedProxies: [host] }, onStream),
      { admits: (address) => rate.admits(address, 0) },
    );
    const headers = { "X-Forwarded-For": "203.0.113.9" };
    (await open(port, headers)).destroy();
    (await open(port, { "X-Forwarded-For": "203.0.113.10" })).destroy();
    await expect(open(port, headers)).rejects.toMatchObject({ code: "TIDINGS_WEBSOCKET_HANDSHAKE" });
    expect((await refused).message).toContain("429");
  });
});

test("a gated server still hurries slow requests", async () => {
  const { port, listener } = await listening(
    (options, onStream) => listenWebSocket({ ...options, handshakeTimeoutMs: 50 }, onStream),
    { admits: () => true },
  );
  const raw = await connected(port);
  raw.write("GET /mqtt HTTP/1.1\r\nHost: x\r\n");
  await closed(raw);
  await listener.close();
});

test("ordinary clients come through a gate", async () => {
  const admits = (): boolean => true;
  for (const [listen, open] of [
    [listenTcp, (port: number) => connectTcp({ host, port })],
    [
      (options: PortOptions, onStream: (stream: ByteStream) => void) => listenTls({ ...options, tls }, onStream),
      (port: number) => connectTls({ host, port, tls: { ca: SERVER_CERTIFICATE } }),
    ],
  ] as const) {
    const { port, first } = await listening(listen, { admits });
    const stream = await open(port);
    cleanups.push(() => stream.destroy());
    stream.write(HELLO);
    expect((await first).text).toBe("hello");
  }
});

test("a Unix socket asks too", async () => {
  const directory = await temporaryDirectory();
  cleanups.push(() => rm(directory, { recursive: true }));
  const path = join(directory, "mqtt.sock");
  const listener = await listenUnix({ path, admits: () => false }, () => expect.unreachable());
  await closed(connect(path));
  await listener.close();
});
