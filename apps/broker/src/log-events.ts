/**
 * What the broker core tells about its connections, as log records: one for each connect, close, refusal and broken
 * packet, on level debug; failures on level error. Nothing for each message.
 */
import type { BrokerHooks, BrokerObserver, BrokerOptions, Client } from "@tidings/broker";
import type { PeerInfo } from "@tidings/transport";
import type { Logger } from "./logger.js";

const FAREWELL_MS = 500;

/** The options that make a broker write to `logger`. Without level debug the core does not even look. */
export function logEvents(logger: Logger): Pick<BrokerOptions, "observer" | "hooks"> {
  const failure: BrokerObserver["failure"] = (client, error) =>
    logger.error({ ...(client && describeClient(client)), err: error }, "failure while serving a client");
  const forStore: BrokerObserver = {
    storeRoomChanged: (hasRoom) => {
      if (hasRoom) logger.warn("there is room on the disk again: all messages are taken");
      else logger.error("the disk is full: QoS 1 and 2 messages are refused (0x97) until there is room; QoS 0 goes on");
    },
    storeFailed: (error) => {
      logger.fatal(error, "the state cannot be kept any more, exiting");
      // Clients hear of it first, as far as they listen.
      setTimeout(() => process.exit(1), FAREWELL_MS);
    },
  };
  if (!logger.isLevelEnabled("debug")) return { observer: { failure, ...forStore } };

  /** Already written about: a refusal follows a CONNECT that cannot be read, and a close follows everything. */
  const known = new WeakSet<Client>();
  const observer: BrokerObserver = {
    failure,
    ...forStore,
    connectionOpened: (client) => {
      known.add(client);
      logger.debug(describeConnect(client), "client connected");
    },
    connectionRefused: (client, reasonCode) => {
      if (known.has(client)) return;
      known.add(client);
      logger.debug({ ...describeClient(client), reasonCode: hex(reasonCode) }, "connection refused");
    },
    protocolError: (client, error) => {
      known.add(client);
      const { reasonCode, message: reason } = error;
      logger.debug({ ...describeClient(client), reasonCode: hex(reasonCode), reason }, "protocol error, closing");
    },
    connectionClosed: (client) => {
      if (!known.has(client)) logger.debug(describeClient(client), "connection closed without a CONNECT");
    },
  };
  const onDisconnect: BrokerHooks["onDisconnect"] = (client, { reasonCode, byServer, error }) => {
    const reason = error?.message;
    logger.debug({ ...describeClient(client), reasonCode: hex(reasonCode), byServer, reason }, "client disconnected");
  };
  return { observer, hooks: [{ onDisconnect }] };
}

function describeClient(client: Client) {
  const { address = "", port, transport } = client.peer as PeerInfo;
  const host = address.includes(":") ? `[${address}]` : address;
  return { clientId: client.clientIdentifier, address: `${host}:${port}`, transport };
}

function describeConnect(client: Client) {
  const { protocolVersion, cleanStart, keepAlive } = client;
  return { ...describeClient(client), protocolVersion, cleanStart, keepAlive };
}

/** Reason Codes as the standard writes them. */
function hex(reasonCode: number): string {
  return `0x${reasonCode.toString(16).toUpperCase().padStart(2, "0")}`;
}
