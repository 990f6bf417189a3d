/** Peers that begin and never come to an end, at listeners of every kind; and floods of CONNECT packets. */
import { connect, type Socket } from "node:net";
import type { Listener } from "@tidings/transport";
import { SERVER_CERTIFICATE, SERVER_KEY } from "@tidings/transport/testing";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { type BrokerServer, createBrokerServer } from "./broker-server.js";

const host = "127.0.0.1";
const CONNECT = Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 1, 0x61]);
const CLIENT_HELLO = Buffer.concat([Buffer.from([0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3]), Buffer.alloc(200)]);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(options: Parameters<typeof createBrokerServer>[0]): Promise<BrokerServer> {
  const server = await createBrokerServer(options);
  cleanups.push(() => server.close(0));
  return server;
}

function open({ address }: Listener): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect((address as { port: number }).port, host, () => resolve(socket));
    socket.on("error", reject);
    cleanups.push(() => socket.destroy());
  });
}

/** Sends a byte every few milliseconds; answers with how many went out before the end. */
function trickle(socket: Socket, bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let sent = 0;
    socket.removeAllListeners("error");
    socket.on("error", () => {});
    const timer = setInterval(() => {
      if (sent < bytes.length) socket.write(bytes.subarray(sent, ++sent));
    }, 10);
    socket.once("close", () => {
      clearInterval(timer);
      resolve(sent);
    });
    socket.resume();
  });
}

const timeoutMs = 100;
const tls = { cert: SERVER_CERTIFICATE, key: SERVER_KEY };
const onPort = { host, port: 0 };

const kinds: [string, (server: BrokerServer) => Promise<Listener>, Buffer][] = [
  [
    "CONNECT",
    (server) => server.listenTcp(onPort),
    Buffer.concat([Buffer.from([0x10, 0xff, 0x7f]), Buffer.alloc(9000)]),
  ],
  ["TLS handshake", (server) => server.listenTls({ ...onPort, tls, handshakeTimeoutMs: timeoutMs }), CLIENT_HELLO],
  [
    "WebSocket upgrade",
    (server) => server.listenWebSocket({ ...onPort, handshakeTimeoutMs: timeoutMs }),
    Buffer.from(`GET /mqtt HTTP/1.1\r\nHost: x\r\nX-Slow: ${"x".repeat(9000)}`),
  ],
  [
    "PROXY header",
    (server) => server.listenTcp({ ...onPort, proxyProtocol: { trustedAddresses: [host], timeoutMs } }),
    Buffer.from(`PROXY TCP4 ${" ".repeat(90)}`),
  ],
];

test.each(kinds)("a %s that comes byte by byte is cut when its time is over", async (_, listen, bytes) => {
  const server = await serve({ connectTimeoutMs: timeoutMs });
  const socket = await open(await listen(server));
  expect(await trickle(socket, bytes)).toBeLessThan(bytes.length);
  expect(server.broker.connectionCount).toBe(0);
});

test("one address holds only so many connections without CONNACK, and the others are served", async () => {
  const server = await serve({ unauthenticatedPerAddressMax: 5 });
  const listener = await server.listenTcp(onPort);
  const idle = await Promise.all(Array.from({ length: 20 }, () => open(listener)));
  const ends = idle.map((socket) => trickle(socket, Buffer.alloc(0)));
  await Promise.any(ends);
  while (server.broker.counters.connectionsTurnedAway < 15) await new Promise(setImmediate);
  expect(server.broker.connectionCount).toBe(5);
  // One of those that wait comes to CONNACK after all.
  const kept = idle.find((socket) => !socket.destroyed && !socket.closed) as Socket;
  expect(kept).toBeDefined();
});

test("a flood of CONNECT packets, right and wrong, leaves nothing behind", async () => {
  const server = await serve({ connectPacketBytesMax: 1000 });
  const listener = await server.listenTcp(onPort);
  const mutations = fc.tuple(fc.nat(CONNECT.length - 1), fc.nat(255), fc.nat(CONNECT.length + 20));
  const inputs = fc.sample(mutations, { numRuns: 400, seed: 6 });
  const ends: Promise<number>[] = [];
  for (const [at, value, length] of inputs) {
    const packet = Buffer.alloc(length);
    CONNECT.copy(packet);
    if (at < length) packet[at] = value;
    const socket = await open(listener);
    ends.push(trickle(socket, Buffer.alloc(0)));
    socket.end(packet);
  }
  await Promise.all(ends);
  while (server.broker.connectionCount > 0) await new Promise(setImmediate);
  const { clientsConnected, connectionsOpened } = server.broker.counters;
  expect([connectionsOpened, server.broker.clientCount]).toEqual([400, 0]);
  expect(clientsConnected).toBeGreaterThan(0);
});
