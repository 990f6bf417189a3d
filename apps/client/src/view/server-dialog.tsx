/** What the server said in CONNACK: what it grants, limits and offers (MQTT 5.0 section 3.2.2.3). */
import type { ServerInfo } from "@tidings/client";
import { Dialog } from "./dialog.js";
import { formatBytes, formatCount, VERSION_NAMES } from "./format.js";
import { NameValueTable } from "./name-value-table.js";

interface ServerDialogProps {
  server: ServerInfo;
  onClose: () => void;
}

export function ServerDialog({ server, onClose }: ServerDialogProps) {
  const rows = [...sessionRows(server), ...(server.protocolVersion === 5 ? offerRows(server) : [])];
  return (
    <Dialog title="What the server says" onClose={onClose}>
      <NameValueTable rows={rows} />
    </Dialog>
  );
}

type Row = readonly [name: string, value: string];

const NEVER = 0xffff_ffff;

function sessionRows(server: ServerInfo): Row[] {
  const { protocolVersion, clientIdentifier, sessionPresent, keepAlive, sessionExpiryInterval } = server;
  const expiry = { 0: "with the connection", [NEVER]: "never" }[sessionExpiryInterval];
  return [
    ["MQTT version", VERSION_NAMES[protocolVersion]],
    ["Client identifier", clientIdentifier],
    ["Session", sessionPresent ? "resumed" : "new"],
    ...(protocolVersion === 5
      ? [["Session expires", expiry ?? `${formatCount(sessionExpiryInterval)} s after the connection`] as const]
      : []),
    ["Keep alive", keepAlive === 0 ? "off" : `${formatCount(keepAlive)} s`],
  ];
}

function offerRows(server: ServerInfo): Row[] {
  const { maximumPacketSize } = server;
  return [
    ["Maximum QoS", String(server.maximumQoS)],
    ["Receive Maximum", formatCount(server.receiveMaximum)],
    ["Maximum Packet Size", Number.isFinite(maximumPacketSize) ? formatBytes(maximumPacketSize) : "no limit"],
    ["Topic Alias Maximum", formatCount(server.topicAliasMaximum)],
    ["Retained messages", yesOrNo(server.retainAvailable)],
    ["Wildcard subscriptions", yesOrNo(server.wildcardSubscriptionAvailable)],
    ["Shared subscriptions", yesOrNo(server.sharedSubscriptionAvailable)],
    ["Subscription identifiers", yesOrNo(server.subscriptionIdentifierAvailable)],
    ...rowIfSaid("Response information", server.responseInformation),
    ...rowIfSaid("Server reference", server.serverReference),
    ...rowIfSaid("Reason", server.reasonString),
    ...server.userProperties,
  ];
}

function yesOrNo(isAvailable: boolean): string {
  return isAvailable ? "yes" : "no";
}

function rowIfSaid(name: string, value: string | undefined): Row[] {
  return value === undefined ? [] : [[name, value]];
}
