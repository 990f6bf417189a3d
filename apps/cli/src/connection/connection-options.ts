/** The options that every command with a connection has, and the settings that come of them. */
import type { QoS } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseCount, parsePositive } from "../commands/parse-number.js";
import { usage } from "../failure.js";
import { applyFoldedProperty } from "../properties/fold-property-words.js";
import type { PropertySets } from "../properties/set-property.js";
import type { ConnectionSettings, Scheme, TlsSettings, WillSettings } from "./connection-settings.js";
import { parseUrl, type UrlParts } from "./parse-url.js";
import { addPropertyOptions, propertiesFrom } from "./property-options.js";
import { readSecret } from "./read-secret.js";

export interface ConnectionOptions {
  url?: UrlParts;
  host?: string;
  port?: number;
  ws?: boolean | string;
  protocol?: "mqtt" | "mqtts" | "ws" | "wss";
  path?: string;
  tls?: boolean;
  unix?: string;
  bind?: string;
  header?: [string, string][];
  proxy?: string;
  id?: string;
  idPrefix?: string;
  username?: string;
  pw?: string;
  passwordFile?: string;
  keepalive: number;
  clean: boolean;
  disableCleanSession?: boolean;
  protocolVersion?: 3 | 4 | 5;
  connectTimeout?: number;
  reconnect: boolean;
  reconnectDelay?: number;
  reconnectAttempts?: number;
  property?: PropertySets;
  cafile?: string;
  capath?: string;
  cert?: string;
  key?: string;
  keyPassphraseFile?: string;
  ciphers?: string;
  tlsVersion?: TlsSettings["minimumVersion"];
  tlsAlpn?: string;
  insecure?: boolean;
  psk?: string;
  pskIdentity?: string;
  pskFile?: string;
  willTopic?: string;
  willPayload?: string;
  willQos?: QoS;
  willRetain?: boolean;
  debug?: boolean;
  quiet?: boolean;
  [name: string]: unknown;
}

/** `debug` adds `-d`, which says what goes on. */
export function addConnectionOptions(command: Command): Command {
  const group = (title: string, ...options: Option[]): void => {
    for (const option of options) command.addOption(option.helpGroup(title));
  };
  group(
    "Connection:",
    new Option(
      "-L, --url <url>",
      "mqtt(s)://[user[:password]@]host[:port][/topic], ws(s)://host:port/path, mqtt+unix:///path",
    )
      .env("TIDINGS_URL")
      .argParser((text) => parseUrl(text)),
    new Option("-h, --host <name>", "server (default: localhost)"),
    new Option("-p, --port <n>", "port (default: 1883; with TLS 8883)").argParser(parsePort),
    new Option("--ws [path]", "over WebSocket (default: path /mqtt)"),
    // MQTTX's words for the same.
    new Option("--protocol <scheme>").choices(["mqtt", "mqtts", "ws", "wss"]).hideHelp(),
    new Option("--path <path>").hideHelp(),
    new Option("--tls", "over TLS, with the certificates that Node trusts; --cafile and its like imply it"),
    new Option("--unix <path>", "over a Unix socket"),
    new Option("-A, --bind <address>", "local address to connect from"),
    new Option("--header <name=value>", "of the WebSocket's request; may be repeated")
      .env("TIDINGS_HEADER")
      .argParser(collectPairs),
    new Option("--proxy <url>", "socks5://[user:password@]host:port or http://host:port").env("TIDINGS_PROXY"),
    new Option("-i, --id <text>", "Client Identifier (default: made up)"),
    new Option("-I, --id-prefix <text>", "Client Identifier: this and the process number"),
    new Option("-u, --username <text>", "user name").env("TIDINGS_USERNAME"),
    new Option(
      "-P, --pw <text>",
      "password; better from TIDINGS_PASSWORD or --password-file, where ps does not show it",
    ),
    new Option("--password-file <path>", "file with the password"),
    new Option("-k, --keepalive <seconds>", "longest silence before a sign of life; 0 turns it off")
      .argParser(parseSeconds16)
      .default(60),
    new Option("-c, --disable-clean-session", "resume the session, or keep a new one"),
    new Option(
      "-V, --protocol-version <version>",
      "5, 311 or 31 (also mqttv5, 3.1.1, 3.1) (default: 5, and 311 if the server wants that)",
    ).argParser(parseVersion),
    new Option("--connect-timeout <seconds>", "give up connecting after (default: 30)").argParser(parsePositive),
    new Option("--no-reconnect", "end when the connection is lost"),
    new Option(
      "--reconnect-delay <seconds>",
      "between attempts (default: by chance, up to 1, growing to 30)",
    ).argParser(parsePositive),
    new Option("--reconnect-attempts <n>", "give up after so many in a row (default: never)").argParser(parseCount),
    new Option(
      "-D, --property <packet property value>",
      "a property by packet, name and value(s); may be repeated",
    ).argParser((text: string, sets: PropertySets = {}) => {
      applyFoldedProperty(sets, text);
      return sets;
    }),
    new Option("-d, --debug", "say on stderr what goes on"),
    new Option("--quiet", "no error messages"),
    new Option("--load-options [file]", "begin with the options in this file (default: tidings-options.json)"),
    new Option("--save-options [file]", "keep these options there, all but passwords and keys, by command"),
  );
  group(
    "TLS:",
    new Option("--cafile <path>", "trusted certificates, PEM"),
    new Option("--capath <folder>", "folder of trusted certificates"),
    new Option("--cert <path>", "client certificate, PEM"),
    new Option("--key <path>", "its key, PEM; an encrypted one is opened with TIDINGS_KEY_PASSPHRASE"),
    new Option("--key-passphrase-file <path>", "file with the passphrase of the key"),
    new Option("--ciphers <list>", "ciphers, as OpenSSL lists them"),
    new Option("--tls-version <version>", "lowest version: tlsv1.1, tlsv1.2 or tlsv1.3").argParser(parseTlsVersion),
    new Option("--tls-alpn <protocol>", "application protocol to offer"),
    new Option("--insecure", "do not verify the server's certificate"),
    new Option("--psk <hex>", "pre-shared key; better from TIDINGS_PSK or --psk-file").env("TIDINGS_PSK"),
    new Option("--psk-identity <text>", "whose pre-shared key"),
    new Option("--psk-file <path>", "file with a line identity:key, as of mosquitto's psk_file"),
  );
  group(
    "Will:",
    new Option("--will-topic <topic>", "where the will is published").argParser(parseTopicName),
    new Option("--will-payload <text>", "the will (default: empty)"),
    new Option("--will-qos <n>", "0, 1 or 2").argParser(parseQoS),
    new Option("--will-retain", "retain the will"),
  );
  addPropertyOptions(command, "connect", "will", "disconnect");
  return command;
}

/** Throws a usage `Failure` for options that do not go together. */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const { url, property = {} } = options;
  const tls = tlsSettings(options);
  const scheme = schemeOf(options, tls);
  if (options.id !== undefined && options.idPrefix !== undefined) throw usage("-i and -I exclude each other.");
  const clientIdentifier = options.id ?? (options.idPrefix === undefined ? undefined : options.idPrefix + process.pid);
  const webSocketPath = typeof options.ws === "string" ? options.ws : options.path;
  const properties = { ...propertiesFrom(options, "connect"), ...property.connect };
  const keepsSession = options.disableCleanSession === true;
  if (keepsSession && clientIdentifier === undefined) {
    throw usage("-c resumes a session by its Client Identifier: say which with -i.");
  }
  // A session that is to be resumed must outlive the connection; 3.1.1 has no other way.
  if (keepsSession) properties.sessionExpiryInterval ??= 0xff_ff_ff_ff;
  return {
    scheme,
    host: options.host ?? url?.host ?? "localhost",
    port: options.port ?? url?.port ?? defaultPort(scheme),
    path: options.unix ?? webSocketPath ?? url?.path,
    bindAddress: options.bind,
    protocolVersion: options.protocolVersion,
    clientIdentifier,
    username: options.username ?? url?.username,
    password: readSecret({
      given: options.pw ?? url?.password,
      file: options.passwordFile,
      flag: "--password-file",
      variable: "TIDINGS_PASSWORD",
    }),
    keepAlive: options.keepalive,
    cleanStart: !keepsSession,
    properties,
    disconnectProperties: { ...propertiesFrom(options, "disconnect"), ...property.disconnect },
    will: willSettings(options, property),
    tls,
    proxy: options.proxy,
    headers: options.header && Object.fromEntries(options.header),
    connectTimeoutMs: options.connectTimeout === undefined ? undefined : options.connectTimeout * 1000,
    reconnects: options.reconnect,
    reconnectDelayMs: options.reconnectDelay === undefined ? undefined : options.reconnectDelay * 1000,
    reconnectAttemptsMax: options.reconnectAttempts,
  };
}

function schemeOf({ url, unix, ws, tls, protocol }: ConnectionOptions, files: TlsSettings): Scheme {
  if (unix !== undefined || (url?.scheme === "unix" && ws === undefined)) return "unix";
  const asked = tls === true || Object.keys(files).length > 0;
  const named = protocol ?? url?.scheme;
  const secure = asked || named === "mqtts" || named === "wss";
  if (ws !== undefined || named === "ws" || named === "wss") return secure ? "wss" : "ws";
  return secure ? "mqtts" : "mqtt";
}

/** WebSocket's own 80 and 443 are nobody's MQTT; 8083 and 8084 are what brokers listen on. */
function defaultPort(scheme: Scheme): number | undefined {
  return { mqtt: 1883, mqtts: 8883, ws: 8083, wss: 8084, unix: undefined }[scheme];
}

function tlsSettings(options: ConnectionOptions): TlsSettings {
  const { cafile, capath, cert, key, ciphers, tlsVersion, tlsAlpn, insecure } = options;
  const { psk, pskIdentity } = preSharedKey(options);
  if ((cert === undefined) !== (key === undefined)) throw usage("--cert and --key belong together.");
  const keyPassphrase =
    key === undefined
      ? undefined
      : readSecret({
          file: options.keyPassphraseFile,
          flag: "--key-passphrase-file",
          variable: "TIDINGS_KEY_PASSPHRASE",
        });
  const settings: TlsSettings = {
    caFile: cafile,
    caFolder: capath,
    certFile: cert,
    keyFile: key,
    keyPassphrase,
    ciphers,
    minimumVersion: tlsVersion,
    alpnProtocol: tlsAlpn,
    insecure: insecure ? "certificate" : undefined,
    psk,
    pskIdentity,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Of several lines in the file, the one with the identity, or the first. */
function preSharedKey({ psk, pskIdentity, pskFile }: ConnectionOptions): Pick<TlsSettings, "psk" | "pskIdentity"> {
  if (pskFile === undefined) {
    // The variable alone, set for another server, asks for nothing.
    if (pskIdentity === undefined && psk === process.env.TIDINGS_PSK) return {};
    if (psk === undefined || pskIdentity === undefined) throw usage("--psk and --psk-identity belong together.");
    return { psk, pskIdentity };
  }
  const lines = (readSecret({ file: pskFile, flag: "--psk-file", variable: "TIDINGS_PSK" }) ?? "").split(/\r?\n/);
  const line = lines.find((one) => one.startsWith(`${pskIdentity ?? ""}`) && one.includes(":"));
  const [identity, key] = line?.split(":") ?? [];
  if (key === undefined || (pskIdentity !== undefined && identity !== pskIdentity)) {
    throw usage(`--psk-file: ${pskFile} has no line ${pskIdentity ?? "identity"}:key.`);
  }
  return { psk: key.trim(), pskIdentity: identity };
}

function willSettings(options: ConnectionOptions, property: PropertySets): WillSettings | undefined {
  const properties = { ...propertiesFrom(options, "will"), ...property.will };
  const { willTopic, willPayload, willQos = 0, willRetain = false } = options;
  if (willTopic === undefined) {
    if (willPayload === undefined && !willRetain && Object.keys(properties).length === 0) return undefined;
    throw usage("A will needs --will-topic.");
  }
  return {
    topic: willTopic,
    payload: new TextEncoder().encode(willPayload ?? ""),
    qos: willQos,
    retain: willRetain,
    properties,
  };
}

export function parseQoS(text: string): QoS {
  if (!/^[012]$/.test(text)) throw new InvalidArgumentError("Use 0, 1 or 2.");
  return Number(text) as QoS;
}

export function parseTopicName(text: string): string {
  if (!isTopicName(text)) throw new InvalidArgumentError("A topic is not empty and has no + or #.");
  return text;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError("Use a number from 1 to 65535.");
  return port;
}

function parseSeconds16(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > 65_535) throw new InvalidArgumentError("Use a number from 0 to 65535.");
  return seconds;
}

function parseVersion(text: string): 3 | 4 | 5 {
  const version = text.toLowerCase().replace(/^mqttv?/, "");
  if (["5", "5.0", "50"].includes(version)) return 5;
  if (["311", "3.1.1", "4"].includes(version)) return 4;
  if (["31", "3.1", "3"].includes(version)) return 3;
  throw new InvalidArgumentError("Use 5, 311 or 31.");
}

function parseTlsVersion(text: string): TlsSettings["minimumVersion"] {
  const version = /^tlsv1\.([123])$/i.exec(text)?.[1];
  if (version === undefined) throw new InvalidArgumentError("Use tlsv1.1, tlsv1.2 or tlsv1.3.");
  return `TLSv1.${version as "1" | "2" | "3"}`;
}

function collectPairs(text: string, earlier: [string, string][] = []): [string, string][] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Use name=value.");
  return [...earlier, [text.slice(0, equals), text.slice(equals + 1)]];
}
