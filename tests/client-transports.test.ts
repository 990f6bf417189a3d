/** The client and the broker over every transport there is in Node, and through proxies. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrokerServer, createBrokerServer } from "../packages/broker/src/node/index.js";
import { type ConnectOptions, connect } from "../packages/client/src/index.js";
import {
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from "../packages/transport/src/testing/test-certificates.js";
import { exerciseClient, expectedOf } from "./exercise-client.js";

const host = "127.0.0.1";
const server = { cert: SERVER_CERTIFICATE, key: SERVER_KEY };
const tls = { ca: SERVER_CERTIFICATE };
const mutual = { ...tls, cert: CLIENT_CERTIFICATE, key: CLIENT_KEY };

/** A proxy that opens a tunnel once `greet` has said where to; the answer goes to the client first. */
async function startProxy(greet: (socket: Socket) => Promise<{ port: number; answer: Uint8Array | string }>) {
  const proxy: Server = createServer(async (socket) => {
    socket.on("error", () => {});
    const { port, answer } = await greet(socket);
    const onward = connectSocket({ host, port }, () => {
      socket.write(answer);
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, host, resolve));
  return proxy;
}

const nextBytes = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve) => {
    socket.once("data", (bytes: Buffer) => {
      socket.pause();
      resolve(bytes);
    });
    socket.resume();
  });

/** RFC 1928 without authentication. */
async function greetSocks(socket: Socket) {
  await nextBytes(socket);
  socket.write(Uint8Array.of(5, 0));
  const request = await nextBytes(socket);
  return { port: request.readUInt16BE(request.length - 2), answer: Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0) };
}

async function greetHttp(socket: Socket) {
  const [, port] = /^CONNECT [^ ]+:(\d+) HTTP/.exec(String(await nextBytes(socket))) ?? [];
  return { port: Number(port), answer: "HTTP/1.1 200 Connection established\r\n\r\n" };
}

describe("over", () => {
  let broker: BrokerServer;
  let folder: string;
  const proxies: Server[] = [];
  const places = new Map<string, readonly [url: string, options: ConnectOptions]>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tidings-transports-"));
    broker = await createBrokerServer();
    const place = { host, port: 0 };
    const clientAuthentication = { requestCert: true, rejectUnauthorized: true, ca: CLIENT_CERTIFICATE };
    const tcp = await broker.listenTcp(place);
    const overTls = await broker.listenTls({ ...place, tls: server });
    const overMutual = await broker.listenTls({ ...place, tls: { ...server, ...clientAuthentication } });
    const ws = await broker.listenWebSocket(place);
    const wss = await broker.listenWebSocket({ ...place, tls: server });
    const path = join(folder, "socket");
    await broker.listenUnix({ path });
    proxies.push(await startProxy(greetSocks), await startProxy(greetHttp));
    const [socks, http] = proxies.map((proxy) => (proxy.address() as { port: number }).port);
    places.set("TCP", [tcp.url, {}]);
    places.set("TLS", [overTls.url, { tls }]);
    places.set("mutual TLS", [overMutual.url, { tls: mutual }]);
    places.set("WebSocket", [ws.url, {}]);
    places.set("secure WebSocket", [wss.url, { tls }]);
    places.set("a Unix socket", [`unix:${path}`, {}]);
    places.set("SOCKS5", [tcp.url, { proxy: `socks5://${host}:${socks}` }]);
    places.set("HTTP CONNECT", [tcp.url, { proxy: `http://${host}:${http}` }]);
    places.set("TLS through SOCKS5", [overTls.url, { tls, proxy: `socks5://${host}:${socks}` }]);
    places.set("secure WebSocket through HTTP CONNECT", [wss.url, { tls, proxy: `http://${host}:${http}` }]);
  });

  afterAll(async () => {
    await broker?.close(0);
    for (const proxy of proxies) proxy.close();
    await rm(folder, { recursive: true, force: true });
  });

  const names = [
    "TCP",
    "TLS",
    "mutual TLS",
    "WebSocket",
    "secure WebSocket",
    "a Unix socket",
    "SOCKS5",
    "HTTP CONNECT",
    "TLS through SOCKS5",
    "secure WebSocket through HTTP CONNECT",
  ];

  describe.each(names)("%s", (name) => {
    test.each([5, 4, 3] as const)("version %i", async (protocolVersion) => {
      const [url, options] = places.get(name) as [string, ConnectOptions];
      expect(await exerciseClient(url, { ...options, protocolVersion })).toEqual(expectedOf(protocolVersion));
    });
  });

  test("TLS without the server's certificate, or without one of the client: an error with its reason", async () => {
    const [url] = places.get("TLS") as [string, ConnectOptions];
    await expect(connect(url)).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CONNECT_FAILED" });
    const [mutualUrl] = places.get("mutual TLS") as [string, ConnectOptions];
    await expect(connect(mutualUrl, { tls })).rejects.toMatchObject({
      code: expect.stringMatching(/^TIDINGS_CLIENT_/),
    });
  });
});
