import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ByteStream } from "../byte-stream.js";
import { portOf, SERVER_TLS } from "../testing/open-pairs.js";
import { Recorder, turns } from "../testing/recorder.js";
import { CLIENT_CERTIFICATE, CLIENT_KEY, SERVER_CERTIFICATE } from "../testing/test-certificates.js";
import type { TransportError } from "../transport-error.js";
import { connectTcp, connectTls, connectUnix, connectWebSocket, listenTcp, listenTls } from "./index.js";

const host = "127.0.0.1";
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Accepts and says nothing. */
async function mutePort(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

async function unusedPort(): Promise<number> {
  const listener = await listenTcp({ host, port: 0 }, () => {});
  await listener.close();
  return portOf(listener);
}

describe("connecting fails with", () => {
  test("TIDINGS_CONNECT_REFUSED where nobody listens", async () => {
    const port = await unusedPort();
    const expected = { code: "TIDINGS_CONNECT_REFUSED", message: expect.stringContaining(String(port)) };
    await expect(connectTcp({ host, port })).rejects.toMatchObject(expected);
    await expect(connectTls({ host, port })).rejects.toMatchObject(expected);
    await expect(connectWebSocket({ url: `ws://${host}:${port}/mqtt` })).rejects.toMatchObject(expected);
    await expect(connectUnix({ path: "/nowhere/mqtt.sock" })).rejects.toMatchObject({
      code: "TIDINGS_CONNECT_REFUSED",
    });
  });

  test("TIDINGS_CONNECT_TIMEOUT when the handshake gets no answer", async () => {
    const port = await mutePort();
    const expected = { code: "TIDINGS_CONNECT_TIMEOUT" };
    const connectTimeoutMs = 20;
    await expect(connectTls({ host, port, connectTimeoutMs })).rejects.toMatchObject(expected);
    await expect(connectWebSocket({ url: `ws://${host}:${port}/mqtt`, connectTimeoutMs })).rejects.toMatchObject(
      expected,
    );
  });

  test("TIDINGS_CONNECT_ABORTED when the signal fires, before or meanwhile", async () => {
    const port = await mutePort();
    const reason = new Error("changed my mind");
    const expected = { code: "TIDINGS_CONNECT_ABORTED", cause: reason };
    await expect(connectTcp({ host, port, signal: AbortSignal.abort(reason) })).rejects.toMatchObject(expected);
    for (const connect of [
      (signal: AbortSignal) => connectTls({ host, port, signal }),
      (signal: AbortSignal) => connectWebSocket({ url: `ws://${host}:${port}/mqtt`, signal }),
    ]) {
      const controller = new AbortController();
      const connecting = connect(controller.signal);
      await turns(3);
      controller.abort(reason);
      await expect(connecting).rejects.toMatchObject(expected);
    }
  });

  test("TIDINGS_WEBSOCKET_HANDSHAKE when the server is another one", async () => {
    const server = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 200 OK\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    cleanups.push(() => server.close());
    const { port } = server.address() as { port: number };
    await expect(connectWebSocket({ url: `ws://${host}:${port}/mqtt` })).rejects.toMatchObject({
      code: "TIDINGS_WEBSOCKET_HANDSHAKE",
    });
    await expect(connectWebSocket({ url: "not a url" })).rejects.toMatchObject({ code: "TIDINGS_CONNECT_FAILED" });
  });
});

describe("TLS", () => {
  test("a certificate nobody vouches for is TIDINGS_TLS_HANDSHAKE, on both sides, and the listener goes on", async () => {
    const errors: TransportError[] = [];
    const listener = await listenTls({ host, port: 0, tls: SERVER_TLS, onError: (e) => errors.push(e) }, (stream) =>
      stream.destroy(),
    );
    cleanups.push(() => listener.close());
    const port = portOf(listener);
    await expect(connectTls({ host, port })).rejects.toMatchObject({ code: "TIDINGS_TLS_HANDSHAKE" });
    const plain = await connectTcp({ host, port });
    const plainEnd = new Recorder();
    plain.start(plainEnd);
    plain.write(Buffer.from("this is no handshake"));
    await plainEnd.closed();
    expect(errors.map((error) => error.code)).toContain("TIDINGS_TLS_HANDSHAKE");
    (await connectTls({ host, port, tls: { ca: SERVER_CERTIFICATE } })).destroy();
  });

  test("a peer that does not finish the handshake is cut", async () => {
    const { promise: failed, resolve } = withResolver<TransportError>();
    const options = { host, port: 0, tls: SERVER_TLS, handshakeTimeoutMs: 20, onError: resolve };
    const listener = await listenTls(options, () => {});
    cleanups.push(() => listener.close());
    const mute = await connectTcp({ host, port: portOf(listener) });
    const muteEnd = new Recorder();
    mute.start(muteEnd);
    await muteEnd.closed();
    expect(await failed).toMatchObject({ code: "TIDINGS_TLS_HANDSHAKE" });
  });

  test("a client certificate is verified and told, and no value poses as an attribute", async () => {
    const { promise: accepted, resolve } = withResolver<ByteStream>();
    const tls = { ...SERVER_TLS, requestCert: true, ca: CLIENT_CERTIFICATE };
    const listener = await listenTls({ host, port: 0, tls }, resolve);
    cleanups.push(() => listener.close());
    const client = await connectTls({
      host,
      port: portOf(listener),
      tls: { ca: SERVER_CERTIFICATE, cert: CLIENT_CERTIFICATE, key: CLIENT_KEY, servername: "localhost" },
    });
    const server = await accepted;
    cleanups.push(
      () => client.destroy(),
      () => server.destroy(),
    );
    expect(server.peer.transport).toBe("tls");
    expect(server.peer.tls).toEqual({
      authorized: true,
      protocol: "TLSv1.3",
      serverName: "localhost",
      certificateCommonName: "meter-7",
      certificateSubject: "O=Meters\\, CN=admin, CN=meter-7",
    });
    expect(client.peer.tls).toMatchObject({ authorized: true, certificateCommonName: "localhost" });
  });

  test("a client without the certificate asked for is not accepted", async () => {
    const tls = { ...SERVER_TLS, requestCert: true, ca: CLIENT_CERTIFICATE };
    let accepted = 0;
    const listener = await listenTls({ host, port: 0, tls }, () => {
      accepted += 1;
    });
    cleanups.push(() => listener.close());
    // TLS 1.3 tells the client after its side of the handshake is done.
    const client = await connectTls({ host, port: portOf(listener), tls: { ca: SERVER_CERTIFICATE } });
    const clientEnd = new Recorder();
    client.start(clientEnd);
    await clientEnd.closed();
    expect(clientEnd.closes).toHaveLength(1);
    expect(clientEnd.closes[0]).toMatchObject({ code: expect.stringMatching(/TLS_HANDSHAKE|CONNECTION_LOST/) });
    expect(accepted).toBe(0);
  });
});

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
