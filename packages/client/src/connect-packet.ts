/** Makes CONNECT of the options, and of where the client stands (MQTT 5.0 and 3.1.1 section 3.1). */
import { type ConnectPacket, clientPacketLength, PacketType, type ProtocolVersion, type Will } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import type { ConnectChanges, ConnectOptions, WillOptions } from "./connect-options.js";
import { ClientError } from "./core/client-error.js";
import { encodeText } from "./encode-text.js";
import type { ServerAddress } from "./server-address.js";

/** Messages of QoS 1 and 2 that may wait for the application. */
export const RECEIVE_MAXIMUM_DEFAULT = 1_024;
/** Topics that the server may send as aliases. */
const TOPIC_ALIAS_MAXIMUM_DEFAULT = 16;
/** Seconds. */
const KEEP_ALIVE_DEFAULT = 60;
/** Seconds: for how long a client that reconnects by itself asks the server to keep its session. */
const SESSION_EXPIRY_INTERVAL_DEFAULT = 300;
/** Seconds: the same with a session store, which may come back after a restart. */
const SESSION_EXPIRY_INTERVAL_STORED_DEFAULT = 604_800;

/** What changes from one attempt to the next. */
export interface ConnectSituation {
  readonly options: ConnectOptions;
  readonly changes: ConnectChanges;
  readonly address: ServerAddress;
  readonly version: ProtocolVersion;
  readonly clientIdentifier: string;
  readonly cleanStart: boolean;
  readonly authenticationData: Uint8Array | undefined;
}

/** Whether the session is meant to outlive the client. */
export function isLasting(options: ConnectOptions): boolean {
  if (options.cleanStart !== undefined) return !options.cleanStart;
  return options.sessionStore !== undefined || (options.properties?.sessionExpiryInterval ?? 0) > 0;
}

/** The Session Expiry Interval of 5.0 that the options ask for, in seconds. */
export function sessionExpiryInterval(options: ConnectOptions): number {
  const asked = options.properties?.sessionExpiryInterval;
  if (asked !== undefined) return asked;
  if (options.sessionStore !== undefined) return SESSION_EXPIRY_INTERVAL_STORED_DEFAULT;
  return options.reconnect === false ? 0 : SESSION_EXPIRY_INTERVAL_DEFAULT;
}

/** Throws `ClientError` for options that MQTT does not allow. */
export function connectPacket(situation: ConnectSituation): ConnectPacket {
  const { options, changes, address, version, clientIdentifier, cleanStart } = situation;
  const packet: ConnectPacket = {
    type: PacketType.CONNECT,
    protocolVersion: version,
    cleanStart,
    keepAlive: options.keepAlive ?? KEEP_ALIVE_DEFAULT,
    clientIdentifier,
  };
  const userName = changes.username ?? options.username ?? address.username;
  const password = changes.password ?? options.password ?? address.password;
  if (userName !== undefined) packet.userName = userName;
  if (password !== undefined) packet.password = typeof password === "string" ? encodeText(password) : password;
  const will = changes.will ?? options.will;
  if (will !== undefined) packet.will = willOf(will, version);
  if (version === 5) packet.properties = propertiesOf(situation);
  check(packet);
  return packet;
}

function propertiesOf({ options, changes, authenticationData }: ConnectSituation): ConnectPacket["properties"] {
  const properties: NonNullable<ConnectPacket["properties"]> = {
    receiveMaximum: RECEIVE_MAXIMUM_DEFAULT,
    topicAliasMaximum: TOPIC_ALIAS_MAXIMUM_DEFAULT,
    ...options.properties,
    ...changes.properties,
  };
  const expiry = changes.properties?.sessionExpiryInterval ?? sessionExpiryInterval(options);
  properties.sessionExpiryInterval = expiry === 0 ? undefined : expiry;
  if (options.authentication !== undefined) {
    properties.authenticationMethod = options.authentication.method;
    if (authenticationData !== undefined) properties.authenticationData = authenticationData;
  }
  return properties;
}

function willOf({ topic, payload, qos = 0, retain = false, properties }: WillOptions, version: number): Will {
  if (!isTopicName(topic)) throw invalid(`the Will Topic ${JSON.stringify(topic)} is no Topic Name`);
  const will: Will = { topic, payload: typeof payload === "string" ? encodeText(payload) : payload, qos, retain };
  if (version === 5 && properties !== undefined) will.properties = properties;
  return will;
}

function check(packet: ConnectPacket): void {
  if (packet.protocolVersion === 3 && (packet.clientIdentifier === "" || packet.clientIdentifier.length > 23)) {
    throw invalid("a Client Identifier of 3.1 has 1 to 23 characters");
  }
  if (packet.protocolVersion === 4 && packet.clientIdentifier === "" && !packet.cleanStart) {
    throw invalid("an empty Client Identifier needs a clean session"); // [MQTT-3.1.3-7] of 3.1.1
  }
  try {
    clientPacketLength(packet, packet.protocolVersion);
  } catch (cause) {
    throw invalid((cause as Error).message, cause);
  }
}

function invalid(what: string, cause?: unknown): ClientError {
  return new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", `The options allow no CONNECT: ${what}.`, { cause });
}
