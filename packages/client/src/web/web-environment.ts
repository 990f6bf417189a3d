/** What a client uses of browsers and workers: the global WebSocket alone. */
import { connectWebSocket } from "@tidings/transport/web";
import type { ClientEnvironment } from "../client-environment.js";
import { ClientError } from "../core/client-error.js";

export const webEnvironment: ClientEnvironment = {
  now: Date.now,
  // A microtask is never throttled, not even in a background tab.
  afterTurn: (task, of) => queueMicrotask(() => task(of)),
  after: (delayMs, task, of) => setTimeout(task, delayMs, of),
  cancel: (timer) => clearTimeout(timer as number),
  random: Math.random,
  open: async ({ transport, url }, { connectTimeoutMs, signal, subprotocol }) => {
    if (transport !== "ws" && transport !== "wss") {
      throw new ClientError(
        "TIDINGS_CLIENT_INVALID_ARGUMENT",
        `Cannot connect to ${url}: a browser needs ws://host/path or wss://host/path.`,
      );
    }
    return connectWebSocket({ url, connectTimeoutMs, signal, subprotocols: [subprotocol] });
  },
};
