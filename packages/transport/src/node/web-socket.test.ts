import { createServer, request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { ByteStream } from "../byte-stream.js";
import { portOf, SERVER_TLS } from "../testing/open-pairs.js";
import { concat, pattern, Recorder, turns } from "../testing/recorder.js";
import type { TransportError } from "../transport-error.js";
import {
  connectTcp,
  connectWebSocket,
  createWebSocketUpgrade,
  type ListenWebSocketOptions,
  listenWebSocket,
  streamFromWebSocket,
} from "./index.js";

const host = "127.0.0.1";
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function listen(options: Partial<ListenWebSocketOptions> = {}) {
  const streams: ByteStream[] = [];
  const errors: TransportError[] = [];
  const ends: Recorder[] = [];
  const listener = await listenWebSocket(
    { host, port: 0, onError: (error) => errors.push(error), ...options },
    (stream) => {
      streams.push(stream);
      const end = new Recorder();
      ends.push(end);
      stream.start(end);
    },
  );
  cleanups.push(
    () => listener.close(),
    () => {
      for (const stream of streams) stream.destroy();
    },
  );
  return { listener, url: listener.url, port: portOf(listener), streams, ends, errors };
}

interface Outcome {
  webSocket: WebSocket;
  /** HTTP status when the upgrade was refused. */
  status?: number;
}

function dial(url: string, protocols: string[], headers: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const webSocket = new WebSocket(url, protocols, { headers });
    cleanups.push(() => webSocket.terminate());
    webSocket.on("error", () => {});
    webSocket.once("open", () => resolve({ webSocket }));
    webSocket.once("unexpected-response", (_request, response) => resolve({ webSocket, status: response.statusCode }));
  });
}

const closeCode = (webSocket: WebSocket): Promise<number> => new Promise((resolve) => webSocket.once("close", resolve));

describe("the listening side", () => {
  test("[MQTT-6.0.0-1] [3.1.1 MQTT-6.0.0-1] a text frame closes the connection and is not delivered", async () => {
    const { url, ends } = await listen();
    const { webSocket } = await dial(url, ["mqtt"]);
    webSocket.send(pattern(5));
    webSocket.send("text");
    webSocket.send(pattern(5));
    expect(await closeCode(webSocket)).toBe(1003);
    await ends[0].closed();
    expect(ends[0].byteCount).toBe(5);
    expect(ends[0].closes).toHaveLength(1);
    expect(ends[0].closes[0]).toMatchObject({ code: "TIDINGS_TRANSPORT_VIOLATION" });
  });

  test("[MQTT-6.0.0-1] [3.1.1 MQTT-6.0.0-1] what it sends is binary", async () => {
    const { url, streams } = await listen();
    const { webSocket } = await dial(url, ["mqtt"]);
    const kinds: boolean[] = [];
    let byteCount = 0;
    const done = new Promise<void>((resolve) => {
      webSocket.on("message", (data: Buffer, isBinary) => {
        kinds.push(isBinary);
        byteCount += data.length;
        if (byteCount === 200_010) resolve();
      });
    });
    streams[0].write(pattern(10));
    streams[0].writeAll([pattern(100_000), pattern(100_000)]);
    await done;
    expect(new Set(kinds)).toEqual(new Set([true]));
  });

  test("[MQTT-6.0.0-2] [3.1.1 MQTT-6.0.0-2] frames, fragments and empty messages leave no trace in the bytes", async () => {
    const { url, ends } = await listen();
    const { webSocket } = await dial(url, ["mqtt"]);
    const bytes = pattern(100);
    webSocket.send(bytes.subarray(0, 1));
    webSocket.send(new Uint8Array(0));
    webSocket.send(bytes.subarray(1, 40), { fin: false });
    webSocket.send(bytes.subarray(40, 41), { fin: false });
    webSocket.ping();
    webSocket.send(bytes.subarray(41, 90), { fin: true });
    webSocket.send(bytes.subarray(90));
    await ends[0].received(100);
    expect(concat(ends[0].chunks)).toEqual(bytes);
  });

  test("[MQTT-6.0.0-4] [3.1.1 MQTT-6.0.0-4] the subprotocol mqtt is selected and returned", async () => {
    const { url } = await listen();
    expect((await dial(url, ["mqtt"])).webSocket.protocol).toBe("mqtt");
    expect((await dial(url, ["chat", "mqttv3.1", "mqtt"])).webSocket.protocol).toBe("mqtt");
  });

  test("clients of old may ask for mqttv3.1", async () => {
    const { url } = await listen();
    expect((await dial(url, ["mqttv3.1"])).webSocket.protocol).toBe("mqttv3.1");
  });

  test("without a subprotocol of MQTT the upgrade is refused and reported", async () => {
    const { url, streams, errors } = await listen();
    expect((await dial(url, [])).status).toBe(400);
    expect((await dial(url, ["chat"])).status).toBe(400);
    expect(errors.map((error) => error.code)).toEqual(["TIDINGS_WEBSOCKET_HANDSHAKE", "TIDINGS_WEBSOCKET_HANDSHAKE"]);
    expect(streams).toHaveLength(0);
  });

  test("the path decides, the query does not", async () => {
    const { url, port } = await listen({ path: "/broker" });
    expect(url).toBe(`ws://${host}:${port}/broker`);
    expect((await dial(`ws://${host}:${port}/mqtt`, ["mqtt"])).status).toBe(404);
    expect((await dial(`${url}?token=1`, ["mqtt"])).status).toBeUndefined();
  });

  test("the list of origins binds pages, not programs", async () => {
    const { url } = await listen({ origins: ["https://example.org"] });
    expect((await dial(url, ["mqtt"], { Origin: "https://evil.example" })).status).toBe(403);
    expect((await dial(url, ["mqtt"], { Origin: "https://Example.org" })).status).toBeUndefined();
    expect((await dial(url, ["mqtt"])).status).toBeUndefined();
  });

  test("a plain GET gets 426 and a short text, and no open connection", async () => {
    const { port } = await listen();
    const [status, headers, text] = await new Promise<[number?, Record<string, unknown>?, string?]>(
      (resolve, reject) => {
        request({ host, port, path: "/" }, (response) => {
          let body = "";
          response.on("data", (chunk) => {
            body += chunk;
          });
          response.on("end", () => resolve([response.statusCode, response.headers, body]));
        })
          .on("error", reject)
          .end();
      },
    );
    expect(status).toBe(426);
    expect(headers).toMatchObject({ upgrade: "websocket", connection: "Upgrade, close" });
    expect(text).toContain("MQTT over WebSocket");
  });

  test("a malformed upgrade gets 400", async () => {
    const { port } = await listen();
    const raw = await connectTcp({ host, port });
    const end = new Recorder();
    raw.start(end);
    raw.write(
      Buffer.from(
        "GET /mqtt HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
      ),
    );
    await end.closed();
    expect(Buffer.from(end.bytes).toString()).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("a peer that asks for nothing is cut", async () => {
    const { port } = await listen({ handshakeTimeoutMs: 20 });
    const mute = await connectTcp({ host, port });
    const end = new Recorder();
    mute.start(end);
    await end.closed();
    expect(end.closes).toHaveLength(1);
  });

  test("a peer that does not finish the TLS handshake is cut", async () => {
    const { port, errors } = await listen({ tls: SERVER_TLS, handshakeTimeoutMs: 20 });
    const mute = await connectTcp({ host, port });
    const end = new Recorder();
    mute.start(end);
    await end.closed();
    expect(errors.map((error) => error.code)).toEqual(["TIDINGS_TLS_HANDSHAKE"]);
  });

  test("a message beyond maxPayloadBytes closes with 1009", async () => {
    const { url, ends } = await listen({ maxPayloadBytes: 1_000 });
    const { webSocket } = await dial(url, ["mqtt"]);
    webSocket.send(pattern(1_000));
    webSocket.send(pattern(1_001));
    expect(await closeCode(webSocket)).toBe(1009);
    await ends[0].closed();
    expect(ends[0].byteCount).toBe(1_000);
    expect(ends[0].closes[0]).toMatchObject({ code: "TIDINGS_TRANSPORT_VIOLATION" });
  });

  test("a connection that drops without a close frame is TIDINGS_CONNECTION_LOST", async () => {
    const { url, ends } = await listen();
    const { webSocket } = await dial(url, ["mqtt"]);
    webSocket.terminate();
    await ends[0].closed();
    expect(ends[0].closes[0]).toMatchObject({ code: "TIDINGS_CONNECTION_LOST" });
  });

  test("end is cut after the linger time-out when the peer does not answer the close frame", async () => {
    const { url, ends, streams } = await listen({ lingerMs: 30 });
    const { webSocket } = await dial(url, ["mqtt"]);
    webSocket.pause();
    streams[0].end();
    await ends[0].closed();
    expect(ends[0].closes).toEqual([undefined]);
  });

  test("the peer has address, headers and transport", async () => {
    const { url, streams } = await listen();
    await dial(url, ["mqtt"], { "X-Forwarded-For": "192.0.2.7" });
    expect(streams[0].peer).toMatchObject({
      transport: "ws",
      address: "127.0.0.1",
      httpHeaders: { "x-forwarded-for": "192.0.2.7", "sec-websocket-protocol": "mqtt" },
    });
  });

  test("closing the listener leaves open streams alone", async () => {
    const { url, listener, ends } = await listen();
    const { webSocket } = await dial(url, ["mqtt"]);
    await listener.close();
    webSocket.send(pattern(10));
    await ends[0].received(10);
  });

  test("bytes that came before the peer closed are delivered before the end, however late", async () => {
    const { url, streams, ends } = await listen();
    const { webSocket } = await dial(url, ["mqtt"]);
    ends[0].onBytesExtra = () => streams[0].pause();
    for (let i = 0; i < 5; i += 1) webSocket.send(pattern(10, i + 1));
    webSocket.close(1000);
    await closeCode(webSocket);
    await turns();
    expect(ends[0].byteCount).toBe(10);
    expect(ends[0].closes).toEqual([]);
    ends[0].onBytesExtra = undefined;
    streams[0].resume();
    await ends[0].closed();
    expect(ends[0].bytes).toEqual(concat([1, 2, 3, 4, 5].map((seed) => pattern(10, seed))));
    expect(ends[0].closes).toEqual([undefined]);
  });
});

describe("the connecting side", () => {
  async function serve(onConnection: (webSocket: WebSocket, protocols: string | undefined) => void): Promise<string> {
    const server = new WebSocketServer({ host, port: 0 });
    await new Promise<void>((resolve) => server.once("listening", resolve));
    cleanups.push(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    server.on("connection", (webSocket, upgrade) => {
      webSocket.on("error", () => {});
      onConnection(webSocket, upgrade.headers["sec-websocket-protocol"]);
    });
    return `ws://${host}:${(server.address() as { port: number }).port}/mqtt`;
  }

  test("[MQTT-6.0.0-3] [3.1.1 MQTT-6.0.0-3] it offers the subprotocol mqtt", async () => {
    const offers: (string | undefined)[] = [];
    const url = await serve((_webSocket, protocols) => offers.push(protocols));
    (await connectWebSocket({ url })).destroy();
    expect(offers).toEqual(["mqtt"]);
  });

  test("[MQTT-6.0.0-1] [3.1.1 MQTT-6.0.0-1] it closes on a text frame and sends binary ones", async () => {
    const kinds: boolean[] = [];
    let code: Promise<number> | undefined;
    const url = await serve((webSocket) => {
      code = closeCode(webSocket);
      webSocket.on("message", (_data, isBinary) => {
        kinds.push(isBinary);
        webSocket.send("text");
      });
    });
    const stream = await connectWebSocket({ url });
    const end = new Recorder();
    stream.start(end);
    stream.write(pattern(10));
    await end.closed();
    expect(await code).toBe(1003);
    expect(kinds).toEqual([true]);
    expect(end.byteCount).toBe(0);
    expect(end.closes[0]).toMatchObject({ code: "TIDINGS_TRANSPORT_VIOLATION" });
  });

  test("what the server sends with its handshake is not lost before start", async () => {
    const url = await serve((webSocket) => {
      webSocket.send(pattern(10));
      webSocket.close();
    });
    const stream = await connectWebSocket({ url });
    await turns();
    const end = new Recorder();
    stream.start(end);
    await end.closed();
    expect(end.bytes).toEqual(pattern(10));
    expect(end.closes).toEqual([undefined]);
  });
});

describe("behind an HTTP server of one's own", () => {
  test("upgrades on the path become streams, the rest is left to the server", async () => {
    const recorder = new Recorder();
    const upgrade = createWebSocketUpgrade({ path: "/broker" }, (stream) => stream.start(recorder));
    const server = createServer((_request, response) => response.end("a page"));
    server.on("upgrade", (request, socket, head) => {
      if (!upgrade.handleUpgrade(request, socket, head)) socket.end("HTTP/1.1 418 Teapot\r\nConnection: close\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    cleanups.push(() => server.close());
    const { port } = server.address() as { port: number };
    expect((await dial(`ws://${host}:${port}/else`, ["mqtt"])).status).toBe(418);
    const client = await connectWebSocket({ url: `ws://${host}:${port}/broker` });
    client.start(new Recorder());
    client.write(pattern(10));
    client.end();
    await recorder.closed();
    expect(recorder.bytes).toEqual(pattern(10));
  });

  test("a WebSocket accepted elsewhere becomes a stream, with or without its request", async () => {
    for (const withRequest of [true, false]) {
      const server = new WebSocketServer({ host, port: 0 });
      await new Promise<void>((resolve) => server.once("listening", resolve));
      cleanups.push(() => server.close());
      const accepted = new Promise<ByteStream>((resolve) => {
        server.once("connection", (webSocket, upgrade) =>
          resolve(streamFromWebSocket(webSocket, withRequest ? upgrade : undefined)),
        );
      });
      const client = await connectWebSocket({ url: `ws://${host}:${(server.address() as { port: number }).port}` });
      const recorder = new Recorder();
      client.start(recorder);
      const stream = await accepted;
      stream.start(new Recorder());
      stream.writeAll([pattern(3, 1), pattern(100_000, 2)]);
      stream.end();
      await recorder.closed();
      expect(recorder.bytes).toEqual(concat([pattern(3, 1), pattern(100_000, 2)]));
      expect(stream.peer.address).toBe(withRequest ? "127.0.0.1" : undefined);
    }
  });
});
