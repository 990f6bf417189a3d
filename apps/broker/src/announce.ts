/** What the user reads when the broker is up: where it listens, what it keeps, how to try it. */
import type { Listener } from "@tidings/transport";
import type { Listeners } from "./listen.js";
import type { Logger } from "./logger.js";

const STATE = "State is in memory: sessions and retained messages are lost when the broker stops.";

/** On a terminal a few plain lines, otherwise log records. Level info, like every start. */
export function announce(open: Listeners, version: string, logger: Logger, isTerminal: boolean): void {
  if (isTerminal && logger.isLevelEnabled("info")) process.stdout.write(banner(open, version));
  if (!isTerminal) writeRecords(open, version, logger);
  for (const { address, url } of open.listeners) {
    if ("host" in address && !isLoopback(address.host)) {
      logger.warn(
        { url },
        `anybody who can reach ${url} may connect, read and publish: there is no authentication yet`,
      );
    }
  }
}

function banner({ listeners, webClientUrl }: Listeners, version: string): string {
  const lines = [
    `Tidings MQTT broker ${version}`,
    "",
    ...listeners.map(({ url }) => `  listening on  ${url}`),
    ...(webClientUrl === undefined ? [] : [`  web client    ${webClientUrl}`]),
    "",
    STATE,
    "",
    "Try it from other terminals:",
    ...waysToConnect(listeners[0]).map((line) => `  ${line}`),
    "",
    "Ctrl-C stops it.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function writeRecords({ listeners, webClientUrl }: Listeners, version: string, logger: Logger): void {
  logger.info({ version }, "Tidings MQTT broker");
  for (const { url } of listeners) logger.info({ url }, `listening on ${url}`);
  if (webClientUrl !== undefined) logger.info({ url: webClientUrl }, `web client at ${webClientUrl}`);
  logger.info(STATE);
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
