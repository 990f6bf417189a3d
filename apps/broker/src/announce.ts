/** What the user reads when the broker is up: where it listens, what it keeps, how to try it. */
import type { Listener } from "@tidings/transport";
import type { StorageSettings } from "./config/broker-settings.js";
import { isPrivate, letsAnybodyIn } from "./config/check-whole.js";
import type { Configuration } from "./config/schema.js";
import type { OpenListener } from "./listeners/listener-set.js";
import type { Logger } from "./logger.js";

export interface Announcement {
  readonly version: string;
  readonly storage: StorageSettings;
  /** What was taken up. */
  readonly recovery: string | undefined;
  readonly configuration: Configuration;
}

/** On a terminal a few plain lines, otherwise log records. Level info, like every start. */
export function announce(
  open: readonly OpenListener[],
  announcement: Announcement,
  logger: Logger,
  isTerminal: boolean,
): void {
  if (isTerminal && logger.isLevelEnabled("info")) process.stdout.write(banner(open, announcement));
  if (!isTerminal) writeRecords(open, announcement, logger);
  for (const { configuration, listener } of open) {
    if (isPrivate(configuration) || !letsAnybodyIn(announcement.configuration, configuration)) continue;
    const { url } = listener;
    logger.warn({ url }, `anybody who can reach ${url} may connect without saying who they are (allowAnonymous)`);
  }
}

/** What is kept, and where. */
function stateLines({ storage: { directory, durability }, recovery }: Announcement): string[] {
  if (directory === undefined) {
    return ["State is in memory: sessions and retained messages are lost when the broker stops."];
  }
  const lines = [`State is kept in ${directory}: ${recovery}.`];
  if (durability === "write") lines.push("A power cut may lose what was acknowledged last (--durability write).");
  if (durability === "none") lines.push("A crash may lose what was acknowledged last (--durability none).");
  return lines;
}

function banner(open: readonly OpenListener[], announcement: Announcement): string {
  const lines = [
    `Tidings MQTT broker ${announcement.version}`,
    "",
    ...open.map(({ listener }) => `  listening on  ${listener.url}`),
    ...open.flatMap(({ webClientUrl }) => (webClientUrl === undefined ? [] : [`  web client    ${webClientUrl}`])),
    "",
    ...stateLines(announcement),
    "",
    ...waysToTry(open).flatMap((line, index) => [
      ...(index === 0 ? ["Try it from other terminals:"] : []),
      `  ${line}`,
    ]),
    "",
    "Ctrl-C stops it.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function writeRecords(open: readonly OpenListener[], announcement: Announcement, logger: Logger): void {
  const { version } = announcement;
  logger.info({ version }, "Tidings MQTT broker");
  for (const { url } of open.map(({ listener }) => listener)) logger.info({ url }, `listening on ${url}`);
  for (const { webClientUrl } of open) {
    if (webClientUrl !== undefined) logger.info({ url: webClientUrl }, `web client at ${webClientUrl}`);
  }
  for (const line of stateLines(announcement)) logger.info(line);
  for (const line of waysToTry(open)) logger.info(`try: ${line}`);
}

/** For the first listener that plain clients can use as it is. */
function waysToTry(open: readonly OpenListener[]): string[] {
  const plain = open.find(
    ({ configuration }) => configuration.type === "tcp" && configuration.proxyProtocol === undefined,
  );
  return plain === undefined ? [] : waysToConnect(plain.listener);
}

/** Lines to copy, for a TCP listener. */
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
