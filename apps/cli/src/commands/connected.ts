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
  let lose: (error: Error) => void = () => {};
  const lost = new Promise<never>((_resolve, reject) => {
    lose = reject;
  });
  lost.catch(() => {}); // raced below
  const opening = openClient(settings, {
    onDisconnect: (error, retryInMs) => {
      if (isClosing) return;
      if (retryInMs === undefined) lose(error);
      else trace.lost(error.message, retryInMs);
    },
    ...options,
  });
  const stopped = terminal.stopped.then(() => undefined);
  const client = await Promise.race([opening, stopped]);
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
    const { sessionExpiryInterval, userProperties } = settings.disconnectProperties ?? {};
    await client.close({ timeoutMs: CLOSE_TIMEOUT_MS, properties: { sessionExpiryInterval, userProperties } });
  }
}
