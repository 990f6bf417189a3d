import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ByteStream } from "../byte-stream.js";
import { portOf, SERVER_TLS } from "../testing/open-pairs.js";
import { Recorder } from "../testing/recorder.js";
import { SERVER_CERTIFICATE } from "../testing/test-certificates.js";
import { connectTcp, connectTls, connectWebSocket, listenTcp, listenTls, listenWebSocket } from "./index.js";

const host = "127.0.0.1";
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A proxy that a test plays: `talk` says when the tunnel is open. */
async function proxyPort(talk: (socket: Socket, read: (length: number) => Promise<Buffer>) => Promise<void>) {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    cleanups.push(() => socket.destroy());
    const read = async (length: number): Promise<Buffer> => {
      for (;;) {
        const bytes = socket.read(length) as Buffer | null;
        if (bytes !== null) return bytes;
        await new Promise((resolve) => socket.once("readable", resolve));
      }
    };
    talk(socket, read).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanups.push(() => server.close());
  return (server.address() as { port: number }).port;
}

function tunnel(socket: Socket, port: number, greeting: Uint8Array | string): void {
  const onward = connect({ host, port });
  onward.on("error", () => socket.destroy());
  cleanups.push(() => onward.destroy());
  onward.once("connect", () => {
    socket.write(greeting);
    socket.pipe(onward).pipe(socket);
  });
}

/** Speaks SOCKS5; notes what was asked. */
async function socksPort(asked: string[], accept = { user: "me", password: "secret" }): Promise<number> {
  return proxyPort(async (socket, read) => {
    const [, count] = await read(2);
    const methods = [...(await read(count))];
    if (methods.includes(2)) {
      socket.write(Uint8Array.of(5, 2));
      await read(1);
      const user = text(await read((await read(1))[0]));
      const password = text(await read((await read(1))[0]));
      asked.push(`${user}:${password}`);
      const good = user === accept.user && password === accept.password;
      socket.write(Uint8Array.of(1, good ? 0 : 1));
      if (!good) return;
    } else {
      socket.write(Uint8Array.of(5, 0));
    }
    const kind = (await read(4))[3];
    const name = kind === 1 ? [...(await read(4))].join(".") : text(await read((await read(1))[0]));
    const port = (await read(2)).readUInt16BE();
    asked.push(`${name}:${port}`);
    if (name === "refused.example") socket.end(Uint8Array.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0));
    else tunnel(socket, port, Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
  });
}

/** Speaks HTTP CONNECT. */
async function httpPort(asked: string[]): Promise<number> {
  return proxyPort(async (socket, read) => {
    let header = "";
    while (!header.endsWith("\r\n\r\n")) header += text(await read(1));
    asked.push(header);
    const port = Number(/^CONNECT \S+:(\d+) /.exec(header)?.[1]);
    if (header.includes("refused.example")) socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    else tunnel(socket, port, "HTTP/1.1 200 Connection established\r\nServer: test\r\n\r\n");
  });
}

/** Sends a word to and fro. */
async function expectEcho(client: ByteStream, accepted: Promise<ByteStream>): Promise<void> {
  cleanups.push(() => client.destroy());
  const server = await accepted;
  cleanups.push(() => server.destroy());
  const [near, far] = [new Recorder(), new Recorder()];
  client.start(near);
  server.start(far);
  client.write(new TextEncoder().encode("hello"));
  await far.received(5);
  server.write(far.bytes);
  await near.received(5);
  expect(text(near.bytes)).toBe("hello");
}

function acceptor(): { accept: (stream: ByteStream) => void; accepted: Promise<ByteStream> } {
  let accept: (stream: ByteStream) => void = () => {};
  const accepted = new Promise<ByteStream>((resolve) => {
    accept = resolve;
  });
  return { accept: (stream) => accept(stream), accepted };
}

describe("through a SOCKS5 proxy", () => {
  test("TCP, with user name and password", async () => {
    const { accept, accepted } = acceptor();
    const listener = await listenTcp({ host, port: 0 }, accept);
    cleanups.push(() => listener.close());
    const asked: string[] = [];
    const proxy = `socks5://me:secret@${host}:${await socksPort(asked)}`;
    await expectEcho(await connectTcp({ host: "localhost", port: portOf(listener), proxy }), accepted);
    expect(asked).toEqual(["me:secret", `localhost:${portOf(listener)}`]);
  });

  test("TLS, with the certificate of the server and not of the proxy", async () => {
    const { accept, accepted } = acceptor();
    const listener = await listenTls({ host, port: 0, tls: SERVER_TLS }, accept);
    cleanups.push(() => listener.close());
    const asked: string[] = [];
    const proxy = `socks5://${host}:${await socksPort(asked)}`;
    const tls = { ca: SERVER_CERTIFICATE };
    await expectEcho(await connectTls({ host, port: portOf(listener), proxy, tls }), accepted);
    expect(asked).toEqual([`${host}:${portOf(listener)}`]);
  });

  test("refusals say what happened", async () => {
    const asked: string[] = [];
    const port = await socksPort(asked);
    const refused = connectTcp({ host: "refused.example", port: 1, proxy: `socks5://${host}:${port}` });
    await expect(refused).rejects.toMatchObject({
      code: "TIDINGS_CONNECT_FAILED",
      message: expect.stringContaining("the connection was refused"),
    });
    const stranger = connectTcp({ host, port: 1, proxy: `socks5://me:wrong@${host}:${port}` });
    await expect(stranger).rejects.toMatchObject({ message: expect.stringContaining("user name and password") });
  });
});

describe("through an HTTP proxy", () => {
  test("WebSocket, with credentials", async () => {
    const { accept, accepted } = acceptor();
    const listener = await listenWebSocket({ host, port: 0 }, accept);
    cleanups.push(() => listener.close());
    const asked: string[] = [];
    const proxy = `http://me:secret@${host}:${await httpPort(asked)}`;
    await expectEcho(await connectWebSocket({ url: listener.url, proxy }), accepted);
    expect(asked[0]).toContain(`CONNECT ${host}:${portOf(listener)} HTTP/1.1\r\n`);
    expect(asked[0]).toContain(`Proxy-Authorization: Basic ${btoa("me:secret")}\r\n`);
  });

  test("secure WebSocket", async () => {
    const { accept, accepted } = acceptor();
    const listener = await listenWebSocket({ host, port: 0, tls: SERVER_TLS }, accept);
    cleanups.push(() => listener.close());
    const proxy = `http://${host}:${await httpPort([])}`;
    const tls = { ca: SERVER_CERTIFICATE };
    await expectEcho(await connectWebSocket({ url: listener.url, proxy, tls }), accepted);
  });

  test("refusals say what happened", async () => {
    const proxy = `http://${host}:${await httpPort([])}`;
    await expect(connectTcp({ host: "refused.example", port: 1, proxy })).rejects.toMatchObject({
      code: "TIDINGS_CONNECT_FAILED",
      message: expect.stringContaining("403 Forbidden"),
    });
  });
});

describe("a proxy", () => {
  test("that says nothing is given up", async () => {
    const port = await proxyPort(async () => {});
    const connecting = connectTcp({ host, port: 1, proxy: `socks5://${host}:${port}`, connectTimeoutMs: 20 });
    await expect(connecting).rejects.toMatchObject({ code: "TIDINGS_CONNECT_TIMEOUT" });
  });

  test("that hangs up is an error", async () => {
    const port = await proxyPort(async (socket) => void socket.end());
    const connecting = connectTcp({ host, port: 1, proxy: `http://${host}:${port}` });
    await expect(connecting).rejects.toMatchObject({ code: "TIDINGS_CONNECT_FAILED" });
  });

  test("can be called off, and must have a URL", async () => {
    const port = await proxyPort(async () => {});
    const controller = new AbortController();
    const proxy = `socks5://${host}:${port}`;
    const connecting = connectTcp({ host, port: 1, proxy, signal: controller.signal });
    controller.abort();
    await expect(connecting).rejects.toMatchObject({ code: "TIDINGS_CONNECT_ABORTED" });
    await expect(connectTcp({ host, port: 1, proxy: "ftp://x" })).rejects.toMatchObject({
      code: "TIDINGS_CONNECT_FAILED",
    });
  });
});
