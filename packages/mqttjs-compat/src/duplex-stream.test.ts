import { connect } from "node:net";
import { Duplex } from "node:stream";
import type { ByteStream } from "@tidings/transport";
import { listenTcp } from "@tidings/transport/node";
import { byteStreamSuite, Recorder } from "@tidings/transport/testing";
import { afterEach, describe, expect, test } from "vitest";
import { DuplexStream } from "./duplex-stream.js";

async function openPair() {
  let accepted: (stream: ByteStream) => void = () => {};
  const accepting = new Promise<ByteStream>((resolve) => {
    accepted = resolve;
  });
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, accepted);
  const { port } = new URL(listener.url.replace("mqtt:", "http:"));
  const client = new DuplexStream(connect({ host: "127.0.0.1", port: Number(port) }));
  return { client, server: await accepting, close: () => listener.close() };
}

byteStreamSuite("a Duplex", openPair, { describe, test, afterEach, expect });

test("an error before `start` is told behind it", async () => {
  const duplex = new Duplex({ read() {} });
  const stream = new DuplexStream(duplex);
  duplex.destroy(new Error("broken early"));
  await new Promise((resolve) => setImmediate(resolve));
  const recorder = new Recorder();
  stream.start(recorder);
  expect(recorder.closes).toEqual([]);
  await recorder.closed();
  expect(recorder.closes.map(String)).toEqual(["Error: broken early"]);
});
