/** What mosquitto's general options become. */
import { currentListener, type Draft } from "./translate-mosquitto.js";

type Note = (text: string) => void;
export type GeneralOption = (draft: Draft, value: string, note: Note) => void;

const UNLIMITED = 1_000_000_000;

/** A whole number; `otherwise` stands for 0, which is "no limit" there. */
function numberTo(section: "limits", key: string, otherwise?: number): GeneralOption {
  return (draft, value, note) => {
    if (!/^-?\d+$/.test(value)) note(`${value} is no number and was not taken over.`);
    else if (Number(value) <= 0) {
      if (otherwise !== undefined) draft[section][key] = otherwise;
    } else draft[section][key] = Number(value);
  };
}

const security =
  (section: "authentication" | "access", key: string): GeneralOption =>
  (draft, value) => {
    const isOfListener = draft.perListener && draft.listeners.length > 0;
    (isOfListener ? draft.listeners[draft.listeners.length - 1] : draft)[section][key] = value;
  };

const feature =
  (key: string): GeneralOption =>
  (draft, value) => {
    draft.features[key] = value === "true";
  };

/** Seconds in mosquitto's units. */
const UNITS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800, m: 2_592_000, y: 31_536_000 };

export const GENERAL_OPTIONS: Readonly<Record<string, GeneralOption>> = {
  acl_file: security("access", "file"),
  password_file: security("authentication", "passwordFile"),
  allow_anonymous: (draft, value) => {
    const isAllowed = value === "true";
    const last = draft.listeners.at(-1);
    if (draft.perListener && last !== undefined) last.allowAnonymous = isAllowed;
    else draft.allowAnonymous = isAllowed;
  },
  bind_address: (draft, value) => {
    currentListener(draft, "bind_address").host = value;
  },
  port: (draft, value) => {
    currentListener(draft, "port").port = Number(value);
  },
  per_listener_settings: () => {}, // read before everything else
  global_max_clients: numberTo("limits", "sessionsMax"),
  global_max_connections: numberTo("limits", "connectionsMax"),
  max_inflight_messages: numberTo("limits", "inFlightMessagesMax", 65_535),
  max_keepalive: numberTo("limits", "keepAliveMax"),
  max_packet_size: numberTo("limits", "maximumPacketSize"),
  message_size_limit: (draft, value, note) => {
    numberTo("limits", "maximumPacketSize")(draft, value, note);
    note("became limits.maximumPacketSize, which counts the whole packet.");
  },
  max_queued_bytes: numberTo("limits", "queuedBytesMax", 1_099_511_627_776),
  max_queued_messages: numberTo("limits", "queuedMessagesMax", UNLIMITED),
  persistence: (draft, value) => {
    if (value !== "true") draft.storage["memory"] = true;
  },
  persistence_location: (draft, value, note) => {
    if (draft.storage["memory"] !== true) draft.storage["directory"] = `${value.replace(/\/$/, "")}/tidings`;
    note("became a directory of its own inside; what mosquitto has stored is not read.");
  },
  persistent_client_expiration: (draft, value, note) => {
    const [, count, unit] = /^(\d+)([hdwmy])$/.exec(value) ?? [];
    if (count === undefined) note(`${value} is no duration and was not taken over.`);
    else draft.limits["sessionExpiryIntervalMax"] = Math.min(0xffff_ffff, Number(count) * UNITS[unit]);
  },
  queue_qos0_messages: feature("queueQoS0"),
  retain_available: feature("retainAvailable"),
  set_tcp_nodelay: (draft, value) => {
    draft.noDelay = value === "true";
  },
  log_type: (draft, value) => {
    const levels: Readonly<Record<string, string>> = { all: "debug", debug: "debug", none: "silent" };
    const level = levels[value];
    if (level !== undefined) draft.log["level"] = level;
  },
};
