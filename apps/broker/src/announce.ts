/** What the user reads when the broker is up: where it listens, what it keeps, how to try it. */
import type { Listener } from "@tidings/transport";
import type { Listeners } from "./listen.js";
import type { Logger } from "./logger.js";
import type { Durability } from "./parse-arguments.js";

export interface Announcement {
  readonly version: string;
  /** Undefined: in memory. */
  readonly dataDirectory: string | undefined;
  readonly durability: Durability;
  /** What was taken up. */
  readonly recovery: string | undefined;
}

/** On a terminal a few plain lines, otherwise log records. Level info, like every start. */
export function announce(open: Listeners, announcement: Announcement, logger: Logger, isTerminal: boolean): void {
  if (isTerminal && logger.isLevelEnabled("info")) process.stdout.write(banner(open, announcement));
  if (!isTerminal) writeRecords(open, announcement, logger);
  for (const { address, url } of open.listeners) {
    if ("host" in address && !isLoopback(address.host)) {
      logger.warn(
        { url },
        `anybody who can reach ${url} may connect, read and publish: there is no authentication yet`,
      );
    }
  }
}

/** What is kept, and where. */
function stateLines({ dataDirectory, durability, recovery }: Announcement): string[] {
  if (dataDirectory === undefined) {
    return ["State is in memory: sessions and retained messages are lost when the broker stops."];
  }
  const lines = [`State is kept in ${dataDirectory}: ${recovery}.`];
  if (durability === "write") lines.push("A power cut may lose what was acknowledged last (--durability write).");
  if (durability === "none") lines.push("A crash may lose what was acknowledged last (--durability none).");
  return lines;
}

function banner({ listeners, webClientUrl }: Listeners, announcement: Announcement): string {
  const lines = [
    `Tidings MQTT broker ${announcement.version}`,
    "",
    ...listeners.map(({ url }) => `  listening on  ${url}`),
    ...(webClientUrl === undefined ? [] : [`  web client    ${webClientUrl}`]),
    "",
    ...stateLines(announcement),
    "",
    "Try it from other terminals:",
    ...waysToConnect(listeners[0]).map((line) => `  ${line}`),
    "",
    "Ctrl-C stops it.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function writeRecords({ listeners, webClientUrl }: Listeners, announcement: Announcement, logger: Logger): void {
  const { version } = announcement;
  logger.info({ version }, "Tidings MQTT broker");
  for (const { url } of listeners) logger.info({ url }, `listening on ${url}`);
  if (webClientUrl !== undefined) logger.info({ url: webClientUrl }, `web client at ${webClientUrl}`);
  for (const line of stateLines(announcement)) logger.info(line);
  for (const line of waysToConnect(listeners[0])) logger.info(`try: ${line}`);
}

/** Lines to copy, for the TCP listener. */
function waysToConnect({ address }: Listener): string[] {
  if (!("host" in address)) return [];
  const host = reachableHost(address.host);
  const place = `-h ${host} -p ${address.port}`;
  const url = `mqtt://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
  return [
    `mosquitto_sub ${place} -t 'hello/#' -v`,
    `mosquitto_pub ${place} -t hello/world -m 'good news'`,
    `const client = await mqtt.connectAsync("${url}"); // MQTT.js: npm install mqtt`,
  ];
}

/** Where a client on this machine finds a listener that is bound to every address. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

function isLoopback(host: string): boolean {
  return host === "::1" || host.startsWith("127.") || host.startsWith("::ffff:127.");
}
