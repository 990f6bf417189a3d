import { afterEach, describe, expect, test } from "vitest";
import { createMemoryPair } from "./memory-pair.js";
import { byteStreamSuite, type StreamPair } from "./testing/byte-stream-suite.js";
import {
  openSecureWebSocketPair,
  openTcpPair,
  openTlsPair,
  openUnixPair,
  openWebSocketPair,
} from "./testing/open-pairs.js";

async function openMemoryPair(staticReadBuffer: boolean): Promise<StreamPair> {
  const [client, server] = createMemoryPair({ schedule: setImmediate, staticReadBuffer });
  return { client, server, close: async () => {} };
}

const functions = { describe, test, afterEach, expect };

byteStreamSuite("memory", () => openMemoryPair(false), functions);
byteStreamSuite("memory with a buffer that the next read overwrites", () => openMemoryPair(true), functions);
byteStreamSuite("tcp on bare handles", () => openTcpPair(), functions);
byteStreamSuite("tcp on sockets", () => openTcpPair({ bareHandles: false }), functions);
byteStreamSuite("tls", openTlsPair, functions);
byteStreamSuite("unix", openUnixPair, functions);
byteStreamSuite("ws", openWebSocketPair, functions);
byteStreamSuite("wss", openSecureWebSocketPair, functions);
