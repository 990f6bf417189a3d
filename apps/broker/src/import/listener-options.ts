/** What the options of a listener of mosquitto become. */
import type { DraftListener } from "./draft-listener.js";

export type ListenerOption = (listener: DraftListener, value: string, note: (text: string) => void) => void;

const limit =
  (key: string): ListenerOption =>
  (listener, value) => {
    listener.limits[key] = Number(value);
  };

const PROTOCOL_VERSIONS: Readonly<Record<string, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

export const LISTENER_OPTIONS: Readonly<Record<string, ListenerOption>> = {
  accept_protocol_versions: (listener, value, note) => {
    const versions = value.split(",").map((version) => PROTOCOL_VERSIONS[version.trim()]);
    if (versions.some((version) => version === undefined)) note(`${value} was not understood.`);
    listener.rest["protocolVersions"] = versions.filter((version) => version !== undefined);
  },
  enable_proxy_protocol: (listener, _value, note) => {
    listener.rest["proxyProtocol"] = { trustedAddresses: ["127.0.0.1"] };
    note("needs the addresses of the proxies: see proxyProtocol.trustedAddresses, where 127.0.0.1 stands for now.");
  },
  listener_allow_anonymous: (listener, value) => {
    listener.allowAnonymous = value === "true";
  },
  max_connections: (listener, value) => {
    if (Number(value) > 0) listener.rest["connectionsMax"] = Number(value);
  },
  max_qos: (listener, value) => {
    listener.rest["maximumQoS"] = Number(value);
  },
  max_topic_alias: limit("topicAliasMaximum"),
  max_topic_alias_broker: limit("topicAliasMaximumOutbound"),
  mount_point: (listener, value, note) => {
    listener.rest["mountPoint"] = value;
    if (!value.endsWith("/")) note('has to end with "/" here: decide what it shall be.');
  },
  protocol: (listener, value, note) => {
    if (value === "websockets") listener.isWebSocket = true;
    else if (value !== "mqtt") note(`${value} was not taken over: this listener speaks MQTT now. Remove it.`);
  },
  socket_domain: (listener, value) => {
    listener.host ??= value === "ipv4" ? "0.0.0.0" : "::";
  },
  websockets_origin: (listener, value) => {
    const { rest } = listener;
    rest["origins"] = [...((rest["origins"] as string[] | undefined) ?? []), value];
  },
  certfile: (listener, value) => {
    listener.tls.certificate = value;
  },
  keyfile: (listener, value) => {
    listener.tls.key = value;
  },
  cafile: (listener, value) => {
    listener.tls.authorities.push(value);
  },
  crlfile: (listener, value) => {
    listener.tls.rest["revocationLists"] = value;
  },
  ciphers: (listener, value) => {
    listener.tls.ciphers.push(value);
  },
  "ciphers_tls1.3": (listener, value) => {
    listener.tls.ciphers.unshift(value);
  },
  require_certificate: (listener, value) => {
    listener.tls.isRequired = value === "true";
  },
  tls_version: (listener, value, note) => {
    if (value === "tlsv1.3") listener.tls.rest["minimumVersion"] = "1.3";
    else if (value !== "tlsv1.2") note(`${value} was not taken over: TLS before 1.2 is refused.`);
  },
  use_identity_as_username: (listener, value) => {
    if (value === "true") listener.authentication["clientCertificate"] = { userName: "common-name" };
  },
  use_subject_as_username: (listener, value) => {
    if (value === "true") listener.authentication["clientCertificate"] = { userName: "subject" };
  },
};
