/** One saved connection as the form edits it: everything a CONNECT can say. Plain data, fit for JSON. */
import { DEFAULT_PUBLISH_FIELDS, type PublishFields } from "./publish-fields.js";
import type { SubscriptionProfile } from "./subscription-profile.js";

export interface ConnectionProfile {
  /** Never shown; names the profile in storage. */
  id: string;
  name: string;
  /** `ws://` or `wss://`. */
  url: string;
  protocolVersion: 3 | 4 | 5;
  /** Empty: a new one each time. */
  clientIdentifier: string;
  username: string;
  password: string;
  /** Otherwise the password is asked again after a reload. */
  savePassword: boolean;
  /** SCRAM-SHA-256 proves the password without sending it; 5.0 only. */
  authentication: "password" | "scram-sha-256";
  cleanStart: boolean;
  /** Keeps session state and unsent messages in this browser over a reload. */
  storeSession: boolean;
  keepAlive: number;
  connectTimeoutSeconds: number;
  reconnect: boolean;
  topicAliases: boolean;
  // Properties of CONNECT; undefined: not sent.
  sessionExpiryInterval: number | undefined;
  receiveMaximum: number | undefined;
  maximumPacketSize: number | undefined;
  topicAliasMaximum: number | undefined;
  requestResponseInformation: boolean;
  requestProblemInformation: boolean;
  userProperties: string;
  will: WillProfile;
  subscriptions: SubscriptionProfile[];
}

export interface WillProfile extends PublishFields {
  isEnabled: boolean;
  /** Seconds. */
  willDelayInterval: number | undefined;
}

/** What this page takes from a server in one packet, unless the profile says otherwise: 16 MiB. */
const MAXIMUM_PACKET_SIZE_DEFAULT = 16_777_216;

export function createProfile(id: string, url: string, name = "New connection"): ConnectionProfile {
  return {
    id,
    name,
    url,
    protocolVersion: 5,
    clientIdentifier: "",
    username: "",
    password: "",
    savePassword: false,
    authentication: "password",
    cleanStart: true,
    storeSession: false,
    keepAlive: 60,
    connectTimeoutSeconds: 10,
    reconnect: true,
    topicAliases: true,
    sessionExpiryInterval: undefined,
    receiveMaximum: undefined,
    maximumPacketSize: MAXIMUM_PACKET_SIZE_DEFAULT,
    topicAliasMaximum: undefined,
    requestResponseInformation: false,
    requestProblemInformation: true,
    userProperties: "",
    will: { ...DEFAULT_PUBLISH_FIELDS, isEnabled: false, willDelayInterval: undefined },
    subscriptions: [],
  };
}
