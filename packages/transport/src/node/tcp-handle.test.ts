import { connect } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { portOf } from "../testing/open-pairs.js";
import { Recorder } from "../testing/recorder.js";
import { HandleStream } from "./handle-stream.js";
import { connectTcp, listenTcp } from "./index.js";
import { SocketStream } from "./socket-stream.js";
import { tcpInternals } from "./tcp-handle.js";

const host = "127.0.0.1";

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe("bare handles", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("are there in this Node, and serve both ends", async () => {
    expect(tcpInternals()).toBeDefined();
    const accepted = withResolvers<unknown>();
    const listener = await listenTcp({ host, port: 0 }, (stream) => {
      accepted.resolve(stream);
      stream.destroy();
    });
    const client = await connectTcp({ host, port: portOf(listener) });
    expect(client).toBeInstanceOf(HandleStream);
    expect(await accepted.promise).toBeInstanceOf(HandleStream);
    client.destroy();
    await listener.close();
  });

  test("can be declined", async () => {
    const accepted = withResolvers<unknown>();
    const listener = await listenTcp({ host, port: 0, bareHandles: false }, (stream) => {
      accepted.resolve(stream);
      stream.destroy();
    });
    const client = await connectTcp({ host, port: portOf(listener), bareHandles: false });
    expect(client).toBeInstanceOf(SocketStream);
    expect(await accepted.promise).toBeInstanceOf(SocketStream);
    client.destroy();
    await listener.close();
  });

  test.each([
    ["there is no process.binding", undefined],
    [
      "it is not permitted",
      () => {
        throw new Error("Access to this API has been restricted");
      },
    ],
    ["something is missing in it", () => ({ WriteWrap: class {}, TCP: class {} })],
  ])("are left alone where %s: sockets serve", async (_when, binding) => {
    vi.resetModules();
    vi.stubGlobal("process", Object.create(process, { binding: { value: binding } }));
    const fresh = await import("./index.js");
    expect((await import("./tcp-handle.js")).tcpInternals()).toBeUndefined();
    const recorder = new Recorder();
    const listener = await fresh.listenTcp({ host, port: 0 }, (stream) => stream.start(recorder));
    const socket = connect({ host, port: portOf(listener) });
    socket.end("hello");
    await recorder.closed();
    expect(Buffer.from(recorder.bytes).toString()).toBe("hello");
    await listener.close();
  });
});
