/** The line on top: which connection, how it is, what it brings; the switch between light and dark. */
import type { ConnectionStatus } from "../model/connection.js";
import { connect, connection, currentProfile, disconnect, frame, observatory, screen, slowFrame } from "./app.js";
import { formatBytes, formatCount, formatRate } from "./format.js";
import { Icon } from "./icon.js";
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
        <button
          type="button"
          class="quiet"
          aria-pressed={!isWorkspace}
          onClick={() => {
            screen.value = isWorkspace || connection.value === undefined ? "connections" : "workspace";
          }}
        >
          Connections
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={`Colours: ${theme.value}. Change`}
          title={`Colours: ${theme.value}`}
          onClick={nextTheme}
        >
          <Icon name={THEME_ICONS[theme.value]} />
        </button>
      </div>
    </header>
  );
}

function ConnectionState() {
  void frame.value;
  const current = connection.value;
  if (current === undefined) return <div class="connection-state" />;
  const { status, profile } = current;
  const isOpen = status.kind !== "closed";
  return (
    <div class="connection-state">
      <span class={`status-dot status-${status.kind}`} aria-hidden="true" />
      <strong>{profile.name}</strong>
      <span class="status-text" role="status">
        {describeStatus(status)}
      </span>
      <button type="button" class="small" onClick={() => (isOpen ? disconnect() : connect(currentProfile.value))}>
        {isOpen ? "Disconnect" : "Connect"}
      </button>
    </div>
  );
}

const VERSION_NAMES = { 3: "3.1", 4: "3.1.1", 5: "5.0" } as const;

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
