/** From a profile to what the client connects with. */
import { isTopicName } from "@tidings/topic";
import type { ConnectionProfile } from "./connection-profile.js";
import { FormError } from "./form-error.js";
import { parseUserProperties } from "./parse-user-properties.js";
import { readPublishFields } from "./publish-fields.js";

interface PageAddress {
  /** `http:`, `https:` or `file:`. */
  readonly protocol: string;
}

/** Throws a `FormError` for the first field that cannot be used. */
export function checkProfile(profile: ConnectionProfile, page: PageAddress): void {
  const url = parseUrl(profile.url);
  if (url.protocol === "ws:" && page.protocol === "https:" && !isLoopback(url.hostname)) {
    throw new FormError("url", "This page came over HTTPS, so the browser allows only wss:// addresses.");
  }
  checkRange("keepAlive", profile.keepAlive, 0, 65_535);
  checkRange("connectTimeoutSeconds", profile.connectTimeoutSeconds, 1, 600);
  checkRange("sessionExpiryInterval", profile.sessionExpiryInterval, 0, 4_294_967_295);
  checkRange("receiveMaximum", profile.receiveMaximum, 1, 65_535);
  checkRange("maximumPacketSize", profile.maximumPacketSize, 1, 4_294_967_295);
  checkRange("topicAliasMaximum", profile.topicAliasMaximum, 0, 65_535);
  if (profile.authentication === "scram-sha-256" && profile.protocolVersion !== 5) {
    throw new FormError("authentication", "SCRAM needs MQTT 5.0.");
  }
  if (profile.storeSession && profile.clientIdentifier === "") {
    throw new FormError("clientIdentifier", "A session that is kept needs a client identifier to be found again.");
  }
  if (profile.will.isEnabled && !isTopicName(profile.will.topic)) {
    throw new FormError("will.topic", "The will needs a topic without + and #.");
  }
}

/** Fields and properties of CONNECT. A `FormError` says which field is wrong. */
export function connectOptions(profile: ConnectionProfile) {
  const { will, protocolVersion, username, password } = profile;
  const isScram = profile.authentication === "scram-sha-256";
  return {
    // 5.0 is the client's own choice, and it falls back to 3.1.1 with a server that knows no 5.0.
    ...(protocolVersion !== 5 && { protocolVersion }),
    ...(profile.clientIdentifier !== "" && { clientIdentifier: profile.clientIdentifier }),
    ...(!isScram && username !== "" && { username }),
    ...(!isScram && password !== "" && { password }),
    keepAlive: profile.keepAlive,
    cleanStart: profile.cleanStart,
    connectTimeoutMs: profile.connectTimeoutSeconds * 1_000,
    topicAliases: profile.topicAliases,
    ...(protocolVersion === 5 && { properties: connectProperties(profile) }),
    ...(will.isEnabled && { will: willOptions(profile) }),
  };
}

function connectProperties(profile: ConnectionProfile) {
  const { sessionExpiryInterval, receiveMaximum, maximumPacketSize, topicAliasMaximum } = profile;
  const userProperties = parseUserProperties(profile.userProperties);
  return {
    ...(sessionExpiryInterval !== undefined && { sessionExpiryInterval }),
    ...(receiveMaximum !== undefined && { receiveMaximum }),
    ...(maximumPacketSize !== undefined && { maximumPacketSize }),
    ...(topicAliasMaximum !== undefined && { topicAliasMaximum }),
    ...(profile.requestResponseInformation && { requestResponseInformation: true }),
    ...(!profile.requestProblemInformation && { requestProblemInformation: false }),
    ...(userProperties.length > 0 && { userProperties }),
  };
}

function willOptions({ will, protocolVersion }: ConnectionProfile) {
  const { topic, payload, qos, retain, properties } = readPublishFields(will, protocolVersion);
  const { willDelayInterval } = will;
  const delay = willDelayInterval === undefined || protocolVersion !== 5 ? {} : { willDelayInterval };
  return { topic, payload, qos, retain, properties: { ...properties, ...delay } };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new FormError("url", "The address looks like ws://127.0.0.1:8083/mqtt or wss://example.org/mqtt.");
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new FormError("url", "A browser can only reach ws:// and wss:// addresses.");
  }
  return url;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

function checkRange(field: string, value: number | undefined, lowest: number, highest: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= lowest && value <= highest)) return;
  throw new FormError(field, `Use a whole number from ${lowest} to ${highest.toLocaleString("en")}.`);
}
