/**
 * What the broker core tells about its connections, as log records: one for each connect, close, refusal and broken
 * packet, on level debug; failures on level error. Nothing for each message. The level may change at any time.
 */
import type { BrokerHooks, BrokerObserver, BrokerOptions, Client } from "@tidings/broker";
import type { PeerInfo } from "@tidings/transport";
import type { Logger } from "./logger.js";

const FAREWELL_MS = 500;

/** The options that make a broker write to `logger`. */
export function logEvents(logger: Logger): Required<Pick<BrokerOptions, "observer" | "hooks">> {
  /** Already written about: a refusal follows a CONNECT that cannot be read, and a close follows everything. */
  const known = new WeakSet<Client>();
  const isDebugging = (): boolean => logger.isLevelEnabled("debug");
  const observer: BrokerObserver = {
    failure: (client, error) =>
      logger.error({ ...(client && describeClient(client)), err: error }, "failure while serving a client"),
    storeRoomChanged: (hasRoom) => {
      if (hasRoom) logger.warn("there is room on the disk again: all messages are taken");
      else logger.error("the disk is full: QoS 1 and 2 messages are refused (0x97) until there is room; QoS 0 goes on");
    },
    storeFailed: (error) => {
      logger.fatal(error, "the state cannot be kept any more, exiting");
      // Clients hear of it first, as far as they listen.
      setTimeout(() => process.exit(1), FAREWELL_MS);
    },
    connectionOpened: (client) => {
      if (!isDebugging()) return;
      known.add(client);
      logger.debug(describeConnect(client), "client connected");
    },
    connectionRefused: (client, reasonCode) => {
      if (!isDebugging() || known.has(client)) return;
      known.add(client);
      logger.debug({ ...describeClient(client), reasonCode: hex(reasonCode) }, "connection refused");
    },
    protocolError: (client, error) => {
      if (!isDebugging()) return;
      known.add(client);
      const { reasonCode, message: reason } = error;
      logger.debug({ ...describeClient(client), reasonCode: hex(reasonCode), reason }, "protocol error, closing");
    },
    connectionClosed: (client) => {
      if (!isDebugging() || known.has(client) || client.clientIdentifier !== "") return;
      logger.debug(describeClient(client), "connection closed without a CONNECT");
    },
  };
  const onDisconnect: BrokerHooks["onDisconnect"] = (client, { reasonCode, byServer, error }) => {
    if (!isDebugging()) return;
    const reason = error?.message;
    logger.debug({ ...describeClient(client), reasonCode: hex(reasonCode), byServer, reason }, "client disconnected");
  };
  return { observer, hooks: [{ onDisconnect }] };
}

function describeClient(client: Client) {
  const { address = "", port, transport, proxyAddress } = client.peer as PeerInfo;
  const host = address.includes(":") ? `[${address}]` : address;
  const listener = client.listener?.name;
  return {
    clientId: client.clientIdentifier,
    address: port === undefined ? host : `${host}:${port}`,
    transport,
    listener,
    proxyAddress,
  };
}

function describeConnect(client: Client) {
  const { protocolVersion, cleanStart, keepAlive } = client;
  return { ...describeClient(client), protocolVersion, cleanStart, keepAlive };
}

/** Reason Codes as the standard writes them. */
function hex(reasonCode: number): string {
  return `0x${reasonCode.toString(16).toUpperCase().padStart(2, "0")}`;
}
