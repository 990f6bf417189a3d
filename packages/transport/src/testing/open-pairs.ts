/** Opens a connected pair of each network transport, on a port or path of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteStream } from "../byte-stream.js";
import type { Listener } from "../listener.js";
import {
  connectTcp,
  connectTls,
  connectUnix,
  connectWebSocket,
  type ListenTcpOptions,
  listenTcp,
  listenTls,
  listenUnix,
  listenWebSocket,
} from "../node/index.js";
import type { StreamPair } from "./byte-stream-suite.js";
import { SERVER_CERTIFICATE, SERVER_KEY } from "./test-certificates.js";

/** Long: a busy machine may take its time for megabytes, and these tests are not about the time-out. */
const lingerMs = 60_000;
const host = "127.0.0.1";
export const SERVER_TLS = { key: SERVER_KEY, cert: SERVER_CERTIFICATE };

export function openTcpPair(options: Partial<ListenTcpOptions> = {}): Promise<StreamPair> {
  return openPair(
    (onStream) => listenTcp({ host, port: 0, lingerMs, ...options }, onStream),
    (listener) => connectTcp({ host, port: portOf(listener), lingerMs, bareHandles: options.bareHandles }),
  );
}

export function openTlsPair(): Promise<StreamPair> {
  return openPair(
    (onStream) => listenTls({ host, port: 0, lingerMs, tls: SERVER_TLS }, onStream),
    (listener) => connectTls({ host, port: portOf(listener), lingerMs, tls: { ca: SERVER_CERTIFICATE } }),
  );
}

export function openWebSocketPair(): Promise<StreamPair> {
  return openPair(
    (onStream) => listenWebSocket({ host, port: 0, lingerMs }, onStream),
    (listener) => connectWebSocket({ url: listener.url, lingerMs }),
  );
}

export function openSecureWebSocketPair(): Promise<StreamPair> {
  return openPair(
    (onStream) => listenWebSocket({ host, port: 0, lingerMs, tls: SERVER_TLS }, onStream),
    (listener) => connectWebSocket({ url: listener.url, lingerMs, tls: { ca: SERVER_CERTIFICATE } }),
  );
}

export async function openUnixPair(): Promise<StreamPair> {
  const directory = await temporaryDirectory();
  const path = join(directory, "mqtt.sock");
  const pair = await openPair(
    (onStream) => listenUnix({ path, lingerMs }, onStream),
    () => connectUnix({ path, lingerMs }),
  );
  return {
    ...pair,
    close: async () => {
      await pair.close();
      await rm(directory, { recursive: true });
    },
  };
}

export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "tidings-transport-"));
}

export function portOf(listener: Listener): number {
  if (!("port" in listener.address)) throw new Error("this listener has no port");
  return listener.address.port;
}

async function openPair(
  listen: (onStream: (stream: ByteStream) => void) => Promise<Listener>,
  connect: (listener: Listener) => Promise<ByteStream>,
): Promise<StreamPair> {
  let accept: (stream: ByteStream) => void = () => {};
  const accepted = new Promise<ByteStream>((resolve) => {
    accept = resolve;
  });
  const listener = await listen((stream) => accept(stream));
  const client = await connect(listener);
  return { client, server: await accepted, close: () => listener.close() };
}
