/** The line on top: which connection, how it is, what it brings; the switch between light and dark. */
import { useSignal } from "@preact/signals";
import type { ConnectionStatus } from "../model/connection.js";
import { connect, connection, currentProfile, disconnect, frame, observatory, screen, slowFrame } from "./app.js";
import { formatBytes, formatCount, formatRate, VERSION_NAMES } from "./format.js";
import { IconButton } from "./icon-button.js";
import { ServerDialog } from "./server-dialog.js";
import { nextTheme, theme } from "./theme.js";

const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" } as const;

export function Header() {
  const isWorkspace = screen.value === "workspace";
  return (
    <header class="header">
      <h1 class="brand">Tidings</h1>
      <ConnectionState />
      {isWorkspace && <Figures />}
      <div class="header-actions">
        {connection.value && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              screen.value = isWorkspace ? "connections" : "workspace";
            }}
          >
            {isWorkspace ? "Connections" : `Back to ${connection.value.profile.name}`}
          </button>
        )}
        <IconButton icon={THEME_ICONS[theme.value]} label={`Colours: ${theme.value}. Change`} onClick={nextTheme} />
      </div>
    </header>
  );
}

function ConnectionState() {
  void frame.value;
  const showsServer = useSignal(false);
  const current = connection.value;
  if (current === undefined) return <div class="connection-state" />;
  const { status, profile } = current;
  const isOpen = status.kind !== "closed";
  return (
    <div class="connection-state">
      <span class={`status-dot status-${status.kind}`} aria-hidden="true" />
      <strong>{profile.name}</strong>
      <span class="status-text" role="status" title={describeStatus(status)}>
        {describeStatus(status)}
      </span>
      {status.kind === "connected" && (
        <IconButton
          icon="info"
          label="What the server says"
          onClick={() => {
            showsServer.value = true;
          }}
        />
      )}
      {showsServer.value && status.kind === "connected" && (
        <ServerDialog
          server={status.server}
          onClose={() => {
            showsServer.value = false;
          }}
        />
      )}
      <button type="button" class="small" onClick={() => (isOpen ? disconnect() : connect(currentProfile.value))}>
        {isOpen ? "Disconnect" : "Connect"}
      </button>
    </div>
  );
}

function describeStatus(status: ConnectionStatus): string {
  switch (status.kind) {
    case "connected":
      return `Connected, MQTT ${VERSION_NAMES[status.server.protocolVersion]}`;
    case "connecting":
      return "Connecting …";
    case "waiting":
      return `Trying again: ${status.reason}`;
    case "closed":
      return status.reason === undefined ? "Not connected" : `Not connected: ${status.reason}`;
  }
}

function Figures() {
  void slowFrame.value;
  const { received, receivedBytes, sent, receiveRate, ring, tree } = observatory.value;
  const figures: [string, string, string?][] = [
    ["rate", formatRate(receiveRate.perSecond(Date.now()))],
    ["received", formatCount(received), formatBytes(receivedBytes)],
    ["sent", formatCount(sent)],
  ];
  if (ring.dropped > 0) {
    figures.push([
      "let go",
      formatCount(ring.dropped),
      `The list keeps the newest ${formatCount(ring.limits.messagesMax)}`,
    ]);
  }
  if (tree.ignored > 0) {
    figures.push([
      "not in tree",
      formatCount(tree.ignored),
      `The tree holds ${formatCount(tree.limits.nodesMax)} levels`,
    ]);
  }
  return (
    <dl class="figures">
      {figures.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd data-figure={name}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
