/** The frame of every command with a connection: connect, work, disconnect, whatever happens in between. */
import type { Client, ConnectOptions } from "@tidings/client";
import type { ConnectionSettings } from "../connection/connection-settings.js";
import { openClient } from "../connection/open-client.js";
import type { Terminal } from "../terminal.js";
import type { CommandTrace } from "./command-trace.js";

/** Longest wait for the DISCONNECT to be sent. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Work is over when `work` is, or when the terminal wants to stop; the connection is closed in order in both cases. */
export async function connected(
  settings: ConnectionSettings,
  terminal: Terminal,
  trace: CommandTrace,
  work: (client: Client) => Promise<void>,
  options: ConnectOptions = {},
): Promise<void> {
  trace.connecting();
  let isClosing = false;
  let isFirst = true;
  let client: Client | undefined;
  let lose: (error: Error) => void = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    lose = reject;
  });
  lost.catch(() => {}); // raced below
  const opening = openClient(settings, {
    onConnect: ({ sessionPresent }) => {
      if (!isFirst) trace.reconnected(sessionPresent);
      isFirst = false;
    },
    onError: (error) => {
      if (isClosing) return;
      trace.problem(error.message);
      // An attempt to connect again that met a reason to stop trying is told here alone.
      setImmediate(() => {
        if (client?.status === "closed") lose(error);
      });
    },
    onDisconnect: (error, retryInMs) => {
      if (isClosing) return;
      if (retryInMs === undefined) lose(error);
      else trace.lost(error.message, retryInMs);
    },
    ...options,
  });
  const stopped = terminal.stopped.then(() => undefined);
  client = await Promise.race([opening, stopped]);
  if (client === undefined) {
    opening.then((late) => late.close({ force: true })).catch(() => {});
    return;
  }
  const { server } = client;
  trace.connected(client.clientIdentifier, server?.protocolVersion === 5 && !settings.clientIdentifier);
  try {
    await Promise.race([work(client), stopped, lost]);
  } finally {
    isClosing = true;
    trace.disconnecting();
    await client.close({ timeoutMs: CLOSE_TIMEOUT_MS, properties: settings.disconnectProperties });
  }
}
