/** The browser's WebSocket, played by a test: Node 20 has none. */
import { describe, expect, test } from "vitest";
import { Recorder, turns } from "../testing/recorder.js";
import { connectWebSocket } from "./connect-web-socket.js";
import type { GlobalWebSocket } from "./global-web-socket.js";

class FakeWebSocket implements GlobalWebSocket {
  static last: FakeWebSocket;
  binaryType = "blob";
  bufferedAmount = 0;
  readyState = 0;
  protocol = "mqtt";
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly sent: number[] = [];
  closedWith: number | undefined | "open" = "open";

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    if (!url.startsWith("ws")) throw new SyntaxError("no WebSocket URL");
    FakeWebSocket.last = this;
  }

  send(bytes: Uint8Array): void {
    this.sent.push(...bytes);
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }

  receive(data: unknown): void {
    this.onmessage?.({ data } as never);
  }

  gone(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" } as never);
  }
}

const options = { url: "ws://server/mqtt", WebSocket: FakeWebSocket };

async function connected() {
  const connecting = connectWebSocket(options);
  const webSocket = FakeWebSocket.last;
  webSocket.open();
  const stream = await connecting;
  const recorder = new Recorder();
  return { webSocket, stream, recorder };
}

describe("connecting", () => {
  test("[MQTT-6.0.0-3] [3.1.1 MQTT-6.0.0-3] offers the subprotocol mqtt, and wants bytes", async () => {
    const { webSocket, stream } = await connected();
    expect([webSocket.url, webSocket.protocols, webSocket.binaryType]).toEqual([
      "ws://server/mqtt",
      ["mqtt"],
      "arraybuffer",
    ]);
    expect(stream.peer.transport).toBe("ws");
  });

  test("fails with a code that says why", async () => {
    const refused = connectWebSocket(options);
    FakeWebSocket.last.gone(1006);
    await expect(refused).rejects.toMatchObject({ code: "TIDINGS_CONNECT_FAILED" });
    const stranger = connectWebSocket(options);
    FakeWebSocket.last.protocol = "";
    FakeWebSocket.last.open();
    await expect(stranger).rejects.toMatchObject({ code: "TIDINGS_WEBSOCKET_HANDSHAKE" });
    const slow = connectWebSocket({ ...options, connectTimeoutMs: 5 });
    await expect(slow).rejects.toMatchObject({ code: "TIDINGS_CONNECT_TIMEOUT" });
    const controller = new AbortController();
    const aborted = connectWebSocket({ ...options, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "TIDINGS_CONNECT_ABORTED" });
    await expect(connectWebSocket({ ...options, url: "http://server" })).rejects.toMatchObject({
      code: "TIDINGS_CONNECT_FAILED",
    });
    await expect(connectWebSocket({ url: "ws://server" })).rejects.toMatchObject({
      code: "TIDINGS_CONNECT_FAILED",
      message: expect.stringMatching(/WebSocket|nobody/),
    });
  });
});

describe("a stream", () => {
  test("carries bytes both ways, and keeps what comes before it is started or while it is paused", async () => {
    const { webSocket, stream, recorder } = await connected();
    webSocket.receive(Uint8Array.of(1, 2).buffer);
    stream.start(recorder);
    expect(recorder.byteCount).toBe(0);
    await recorder.received(2);
    stream.pause();
    webSocket.receive(Uint8Array.of(3).buffer);
    webSocket.receive(Uint8Array.of(4).buffer);
    await turns(2);
    expect(recorder.byteCount).toBe(2);
    stream.resume();
    await recorder.received(4);
    expect([...recorder.bytes]).toEqual([1, 2, 3, 4]);
    expect(stream.write(Uint8Array.of(9))).toBe(true);
    expect(stream.writeAll([Uint8Array.of(8), Uint8Array.of(7)])).toBe(true);
    expect(webSocket.sent).toEqual([9, 8, 7]);
  });

  test("holds a writer back while much waits, and tells when it has gone", async () => {
    const { webSocket, stream, recorder } = await connected();
    stream.start(recorder);
    webSocket.bufferedAmount = 100_000;
    expect(stream.write(Uint8Array.of(1))).toBe(false);
    expect(stream.bufferedBytes).toBe(100_000);
    webSocket.bufferedAmount = 0;
    await recorder.until(() => recorder.drains === 1).catch(() => {});
    await new Promise<void>((resolve) => {
      recorder.onDrainExtra = resolve;
      if (recorder.drains > 0) resolve();
    });
    expect(recorder.drains).toBe(1);
  });

  test("ends in order, from either side, once", async () => {
    const { webSocket, stream, recorder } = await connected();
    stream.start(recorder);
    stream.end();
    expect(webSocket.closedWith).toBe(1000);
    webSocket.receive(Uint8Array.of(1).buffer);
    webSocket.gone(1000);
    await recorder.closed();
    expect([recorder.byteCount, recorder.closes]).toEqual([0, [undefined]]);
    const other = await connected();
    other.stream.start(other.recorder);
    other.webSocket.receive(Uint8Array.of(5).buffer);
    other.webSocket.gone(1006);
    await other.recorder.closed();
    expect(other.recorder.byteCount).toBe(1);
    expect(other.recorder.closes).toMatchObject([{ code: "TIDINGS_CONNECTION_LOST" }]);
  });

  test("is destroyed at once", async () => {
    const { webSocket, stream, recorder } = await connected();
    stream.start(recorder);
    stream.destroy();
    await recorder.closed();
    expect(webSocket.closedWith).toBeUndefined();
    expect(stream.write(Uint8Array.of(1))).toBe(true);
    expect(webSocket.sent).toEqual([]);
  });

  test("[MQTT-6.0.0-1] [3.1.1 MQTT-6.0.0-1] ends with a text frame", async () => {
    const { webSocket, stream, recorder } = await connected();
    stream.start(recorder);
    webSocket.receive("text");
    webSocket.gone(1000);
    await recorder.closed();
    expect(recorder.closes).toMatchObject([{ code: "TIDINGS_TRANSPORT_VIOLATION" }]);
    expect(() => stream.start(recorder)).toThrow(expect.objectContaining({ code: "TIDINGS_STREAM_STARTED" }));
  });
});
