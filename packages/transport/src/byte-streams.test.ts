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

byteStreamSuite("memory", () => openMemoryPair(false));
byteStreamSuite("memory with a static read buffer", () => openMemoryPair(true));
byteStreamSuite("tcp", () => openTcpPair());
byteStreamSuite("tcp with a static read buffer", () => openTcpPair({ staticReadBuffer: true }));
byteStreamSuite("tls", openTlsPair);
byteStreamSuite("unix", openUnixPair);
byteStreamSuite("ws", openWebSocketPair);
byteStreamSuite("wss", openSecureWebSocketPair);
