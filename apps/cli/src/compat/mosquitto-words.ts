/** What the words of a mosquitto command line have said so far; read from left to right, later ones win. */

import type { PublishRequest } from "../commands/publish-request.js";
import type { TlsSettings } from "../connection/connection-settings.js";
import type { PropertySets } from "../properties/set-property.js";
import type { MosquittoTool } from "./mosquitto-command.js";

export class MosquittoWords {
  host = "localhost";
  port = -1;
  unixPath?: string;
  webSocket = false;
  bindAddress?: string;
  usesTls = false;
  tls: TlsSettings = {};
  hasKeyform = false;
  tlsVersionIsKnown = true;
  proxy?: string;
  protocolVersion: 3 | 4 | 5;
  clientIdentifier?: string;
  clientIdentifierPrefix?: string;
  username?: string;
  password?: string;
  keepAlive = 60;
  cleanSession = true;
  /** -1 in their world is 0xFFFFFFFF in ours. */
  sessionExpiryInterval = -1;
  hasSessionExpiryInterval = false;
  properties: PropertySets = {};
  willTopic?: string;
  willPayload?: string;
  willQoS = 0;
  willRetain = false;
  qos = 0;
  debug = false;
  quiet = false;
  maximumInFlight = 20;
  topics: string[] = [];
  // mosquitto_pub and mosquitto_rr
  source?: PublishRequest["source"];
  retain = false;
  repeat = 1;
  repeatDelayMs = 0;
  responseTopic?: string;
  // mosquitto_sub and mosquitto_rr
  format?: string;
  pretty = false;
  verbose = false;
  newline = true;
  noRetained = false;
  timeoutSeconds = 0;
  retainAsPublished = false;
  retainHandling: 0 | 1 | 2 = 0;
  // mosquitto_sub
  count = 0;
  exitAfterSubscribe = false;
  filtersOut: string[] = [];
  unsubscribeTopics: string[] = [];
  retainedOnly = false;
  removeRetained = false;
  randomFilterPercent = 100;

  constructor(tool: MosquittoTool) {
    this.protocolVersion = tool === "mosquitto_rr" ? 5 : 4;
  }
}
