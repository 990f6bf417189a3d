import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ByteStream } from "../byte-stream.js";
import type { Listener } from "../listener.js";
import { portOf } from "../testing/open-pairs.js";
import { pattern, Recorder, turns } from "../testing/recorder.js";
import { connectTcp, type ListenTcpOptions, listenTcp, streamFromSocket } from "./index.js";

const host = "127.0.0.1";
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A stream whose peer is a bare socket that does only what the test says. */
async function openToBareSocket(options: Partial<ListenTcpOptions> = {}) {
  const recorder = new Recorder();
  let accept: (stream: ByteStream) => void;
  const accepted = new Promise<ByteStream>((resolve) => {
    accept = resolve;
  });
  const listener = await listenTcp({ host, port: 0, ...options }, (stream) => accept(stream));
  const bare = connect({ host, port: portOf(listener), allowHalfOpen: true });
  bare.on("error", () => {});
  const stream = await accepted;
  cleanups.push(
    () => stream.destroy(),
    () => bare.destroy(),
    () => listener.close(),
  );
  stream.start(recorder);
  return { listener, bare, stream, recorder };
}

describe.each([false, true])("an accepted stream, bare handle %s", (bareHandles) => {
  test("a reset ends in one onClose with TIDINGS_CONNECTION_LOST and the cause", async () => {
    const { bare, stream, recorder } = await openToBareSocket({ bareHandles });
    bare.write(pattern(10));
    await recorder.received(10);
    bare.resetAndDestroy();
    await recorder.closed();
    await turns();
    expect(recorder.closes).toHaveLength(1);
    expect(recorder.closes[0]).toMatchObject({ code: "TIDINGS_CONNECTION_LOST", cause: { code: "ECONNRESET" } });
    expect(stream.bufferedBytes).toBe(0);
  });

  test("writing to a peer that has gone ends in one onClose", async () => {
    const { bare, stream, recorder } = await openToBareSocket({ bareHandles });
    stream.pause(); // so that the end is found out by writing
    bare.resetAndDestroy();
    await turns();
    for (let i = 0; i < 10 && recorder.closes.length === 0; i += 1) {
      stream.write(pattern(100_000));
      await turns(2);
    }
    await recorder.closed();
    await turns();
    expect(recorder.closes).toHaveLength(1);
    expect(recorder.closes[0]).toMatchObject({ code: "TIDINGS_CONNECTION_LOST" });
  });

  test("a peer that closes its half is closed, after what was written has reached it", async () => {
    const { bare, stream, recorder } = await openToBareSocket({ bareHandles });
    let received = 0;
    bare.pause();
    for (let i = 0; i < 16; i += 1) stream.write(pattern(1_000_000));
    bare.end();
    await turns();
    bare.on("data", (chunk) => {
      received += chunk.length;
    });
    bare.resume();
    await recorder.closed();
    if (!bare.closed) await new Promise((resolve) => bare.once("close", resolve));
    expect(received).toBe(16_000_000);
    expect(recorder.closes).toEqual([undefined]);
  });

  test("end is cut after the linger time-out when the peer neither takes the bytes nor closes", async () => {
    const { bare, stream, recorder } = await openToBareSocket({ bareHandles, lingerMs: 30 });
    bare.pause();
    for (let i = 0; i < 16; i += 1) stream.write(pattern(1_000_000));
    stream.end();
    await recorder.closed();
    expect(recorder.closes[0]).toMatchObject({ code: "TIDINGS_LINGER_TIMEOUT" });
  });

  test("end is no error when the peer has taken everything but does not close", async () => {
    const { bare, stream, recorder } = await openToBareSocket({ bareHandles, lingerMs: 30 });
    let received = 0;
    bare.on("data", (chunk) => {
      received += chunk.length;
    });
    stream.write(pattern(100_000));
    stream.end();
    await recorder.closed();
    expect(received).toBe(100_000);
    expect(recorder.closes).toEqual([undefined]);
  });

  test("the last bytes reach a peer that floods us and reads late", async () => {
    const { bare, stream, recorder } = await openToBareSocket({ bareHandles });
    const flood = pattern(65_536);
    let flooding = true;
    const pour = (): void => {
      if (!flooding) return;
      if (bare.writableLength < 1_000_000) bare.write(flood);
      setImmediate(pour);
    };
    bare.pause();
    pour();
    await recorder.received(1_000_000);
    stream.pause();
    await turns();
    stream.write(pattern(5_000));
    stream.end();
    await turns();
    const chunks: Buffer[] = [];
    const ended = new Promise((resolve) => bare.once("end", resolve));
    bare.on("data", (chunk) => chunks.push(chunk));
    bare.resume();
    await ended;
    flooding = false;
    bare.end();
    await recorder.closed();
    expect(new Uint8Array(Buffer.concat(chunks))).toEqual(pattern(5_000));
    expect(recorder.closes).toEqual([undefined]);
  });

  test("connections are counted and limited, and their end is noticed", async () => {
    const { listener, bare, recorder } = await openToBareSocket({ bareHandles, maxConnections: 1 });
    const port = portOf(listener);
    await closedUnread(port);
    bare.destroy();
    await recorder.closed();
    await turns();
    const next = await connectTcp({ host, port });
    const nextEnd = new Recorder();
    next.start(nextEnd);
    await turns();
    expect(nextEnd.closes).toEqual([]);
    next.destroy();
  });
});

function closedUnread(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.resume();
  });
}

describe("SocketStream", () => {
  test("a closed listener frees its port while its streams live on", async () => {
    const { listener, bare, recorder } = await openToBareSocket();
    await listener.close();
    await listener.close();
    const again = await listenTcp({ host, port: portOf(listener) }, () => {});
    cleanups.push(() => again.close());
    bare.write(pattern(10));
    await recorder.received(10);
  });

  test("idle streams hold no timer", async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    for (let i = 0; i < 20; i += 1) await openToBareSocket();
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test("the peer's address is plain even on a dual-stack listener", async () => {
    let listener: Listener | undefined;
    const peer = await new Promise<ByteStream["peer"]>((resolve, reject) => {
      listenTcp({ port: 0 }, (stream) => {
        resolve(stream.peer);
        stream.destroy();
      }).then((created) => {
        listener = created;
        connect({ host, port: portOf(created) }).on("error", () => {});
      }, reject);
    });
    cleanups.push(() => listener?.close());
    expect(peer).toMatchObject({ transport: "tcp", address: "127.0.0.1", localAddress: "127.0.0.1" });
    expect(peer.port).toBeGreaterThan(0);
    expect(peer.localPort).toBe(portOf(listener!));
  });

  test("a socket of one's own becomes a stream", async () => {
    const accepted = new Promise<Socket>((resolve) => {
      const server = createServer(resolve).listen(0, host, () => {
        const { port } = server.address() as { port: number };
        connect({ host, port })
          .on("error", () => {})
          .end("hello");
      });
      cleanups.push(() => server.close());
    });
    const recorder = new Recorder();
    streamFromSocket(await accepted).start(recorder);
    await recorder.closed();
    expect(Buffer.from(recorder.bytes).toString()).toBe("hello");
    expect(recorder.closes).toEqual([undefined]);
  });

  test("a socket that is over already still closes its stream", async () => {
    const { bare } = await openToBareSocket();
    bare.destroy();
    await turns();
    const recorder = new Recorder();
    streamFromSocket(bare).start(recorder);
    await recorder.closed();
    expect(recorder.closes).toEqual([undefined]);
  });
});
