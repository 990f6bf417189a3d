/**
 * Every flag of mosquitto_pub, mosquitto_sub and mosquitto_rr: names, who knows it, the words that it takes, what it sets.
 * Wordings and leniencies (text as a number is 0) are those of the tools.
 */
import { isTopicFilter, isTopicName } from "@tidings/topic";
import type { TlsSettings } from "../connection/connection-settings.js";
import { MessageFormatError, parseMessageFormat } from "../output/message-format.js";
import type { MosquittoTool } from "./mosquitto-command.js";
import { MosquittoUsageError, wordError } from "./mosquitto-usage-error.js";
import type { MosquittoWords } from "./mosquitto-words.js";
import { parseMosquittoUrl } from "./parse-mosquitto-url.js";

export interface MosquittoFlag {
  readonly names: readonly string[];
  /** One letter for each tool: p, s, r. */
  readonly tools: string;
  /** What the word behind it is, for the complaint when there is none. Undefined: it takes none. */
  readonly wants?: string;
  readonly apply: (words: MosquittoWords, value: string, tool: MosquittoTool) => void;
}

function flag(names: string, tools: string, apply: MosquittoFlag["apply"], wants?: string): MosquittoFlag {
  return { names: names.split(" "), tools, apply, ...(wants !== undefined && { wants }) };
}

function tlsFile(name: string, key: keyof TlsSettings, wants: string): MosquittoFlag {
  return flag(
    name,
    "psr",
    ({ tls }, value) => {
      Object.assign(tls, { [key]: value });
    },
    `${name} argument given but no ${wants} specified.`,
  );
}

export const MOSQUITTO_FLAGS: readonly MosquittoFlag[] = [
  flag("-A", "psr", (words, value) => void (words.bindAddress = value), "-A argument given but no address specified."),
  flag("-c --disable-clean-session", "psr", (words) => void (words.cleanSession = false)),
  flag("-C", "s", setCount, "-C argument given but no count specified."),
  flag("-d --debug", "psr", (words) => void (words.debug = true)),
  flag("-E", "s", (words) => void (words.exitAfterSubscribe = true)),
  flag(
    "-e",
    "r",
    (words, value) => void (words.responseTopic = value),
    "-e argument given but no response topic specified.",
  ),
  flag(
    "-f --file",
    "pr",
    (words, path) => setSource(words, { kind: "file", path }),
    "-f argument given but no file specified.",
  ),
  flag("-F", "sr", setFormat, "-F argument given but no format specified."),
  flag("-h --host", "psr", (words, value) => void (words.host = value), "-h argument given but no host specified."),
  flag("-i --id", "psr", setClientIdentifier, "-i argument given but no id specified."),
  flag("-I --id-prefix", "psr", setClientIdentifierPrefix, "-I argument given but no id prefix specified."),
  flag("-k --keepalive", "psr", setKeepAlive, "-k argument given but no keepalive specified."),
  flag("-l --stdin-line", "p", (words) => setSource(words, { kind: "lines" })),
  flag("-L --url", "psr", parseMosquittoUrl, "-L argument given but no URL specified."),
  flag("-m --message", "pr", setMessage, "-m argument given but no message specified."),
  flag("-M", "psr", setMaximumInFlight, "-M argument given but max_inflight not specified."),
  flag("-n --null-message", "pr", setNull),
  flag("-N", "sr", (words) => void (words.newline = false)),
  flag("-p --port", "psr", setPort, "-p argument given but no port specified."),
  flag(
    "-P --pw",
    "psr",
    (words, value) => void (words.password = value),
    "-P argument given but no password specified.",
  ),
  flag("-q --qos", "psr", setQoS, "-q argument given but no QoS specified."),
  flag("-r --retain", "p", (words) => void (words.retain = true)),
  flag("-R", "sr", (words) => void (words.noRetained = true)),
  flag("-s --stdin-file", "pr", (words) => setSource(words, { kind: "stdin" })),
  flag("-t --topic", "psr", addTopic, "-t argument given but no topic specified."),
  flag("-T --filter-out", "s", addFilterOut, "-T argument given but no topic filter specified."),
  flag(
    "-u --username",
    "psr",
    (words, value) => void (words.username = value),
    "-u argument given but no username specified.",
  ),
  flag("-U --unsubscribe", "s", addUnsubscribe, "-U argument given but no unsubscribe topic specified."),
  flag("-v --verbose", "sr", (words) => void (words.verbose = true)),
  flag("-V --protocol-version", "psr", setVersion, "--protocol-version argument given but no version specified."),
  flag("-W", "sr", setTimeoutSeconds, "-W argument given but no timeout specified."),
  flag("-x", "psr", setSessionExpiry, "-x argument given but no session expiry interval specified."),
  flag("--nodelay", "psr", () => {}), // Node sets it anyway
  flag("--pretty", "sr", (words) => void (words.pretty = true)),
  flag("--proxy", "psr", setProxy, "--proxy argument given but no proxy url specified."),
  flag("--quiet", "psr", (words) => void (words.quiet = true)),
  flag("--random-filter", "s", setRandomFilter, "--random-filter argument given but no chance specified."),
  flag("--remove-retained", "s", (words) => void (words.removeRetained = true)),
  flag("--repeat", "p", setRepeat, "--repeat argument given but no count specified."),
  flag("--repeat-delay", "p", setRepeatDelay, "--repeat-delay argument given but no time specified."),
  flag("--retain-as-published", "sr", (words) => void (words.retainAsPublished = true)),
  flag("--retain-handling", "sr", setRetainHandling, "--retain-handling argument given but no value specified."),
  flag("--retained-only", "s", (words) => void (words.retainedOnly = true)),
  flag(
    "--unix",
    "psr",
    (words, value) => void (words.unixPath = value),
    "--unix argument given but no socket path specified.",
  ),
  flag("--ws", "psr", (words) => void (words.webSocket = true)),
  flag("--will-topic", "psr", setWillTopic, "--will-topic argument given but no will topic specified."),
  flag(
    "--will-payload",
    "psr",
    (words, value) => void (words.willPayload = value),
    "--will-payload argument given but no will payload specified.",
  ),
  flag("--will-qos", "psr", setWillQoS, "--will-qos argument given but no will QoS specified."),
  flag("--will-retain", "psr", (words) => void (words.willRetain = true)),
  tlsFile("--cafile", "caFile", "file"),
  tlsFile("--capath", "caFolder", "directory"),
  tlsFile("--cert", "certFile", "file"),
  tlsFile("--key", "keyFile", "file"),
  tlsFile("--ciphers", "ciphers", "ciphers"),
  tlsFile("--tls-alpn", "alpnProtocol", "protocol"),
  tlsFile("--psk", "psk", "key"),
  tlsFile("--psk-identity", "pskIdentity", "identity"),
  flag("--tls-version", "psr", setTlsVersion, "--tls-version argument given but no version specified."),
  flag("--tls-use-os-certs", "psr", (words) => void (words.usesTls = true)),
  flag("--insecure", "psr", ({ tls }) => void (tls.insecure = "name")),
  flag(
    "--keyform",
    "psr",
    (words) => void (words.hasKeyform = true),
    "--keyform argument given but no keyform specified.",
  ),
  flag("--tls-engine", "psr", refuseEngine, "--tls-engine argument given but no engine_id specified."),
  flag(
    "--tls-engine-kpass-sha1",
    "psr",
    refuseEngine,
    "--tls-engine-kpass-sha1 argument given but no kpass sha1 specified.",
  ),
];

const BY_NAME = new Map(MOSQUITTO_FLAGS.flatMap((entry) => entry.names.map((name) => [name, entry] as const)));

export function mosquittoFlag(name: string, tool: MosquittoTool): MosquittoFlag | undefined {
  const found = BY_NAME.get(name);
  return found?.tools.includes(tool["mosquitto_".length]) ? found : undefined;
}

/** C's `atoi`. */
function integer(text: string): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? 0 : value;
}

/** C's `atof`. */
function decimal(text: string): number {
  const value = Number.parseFloat(text);
  return Number.isNaN(value) ? 0 : value;
}

function setCount(words: MosquittoWords, value: string): void {
  words.count = integer(value);
  if (words.count < 1) throw wordError(`Error: Invalid message count "${words.count}".`);
}

function setSource(words: MosquittoWords, source: MosquittoWords["source"]): void {
  if (words.source !== undefined) throw wordError("Error: Only one type of message can be sent at once.");
  words.source = source;
}

function setMessage(words: MosquittoWords, text: string): void {
  setSource(words, { kind: "bytes", bytes: new TextEncoder().encode(text) });
}

function setNull(words: MosquittoWords): void {
  setSource(words, { kind: "bytes", bytes: new Uint8Array() });
}

function setFormat(words: MosquittoWords, format: string): void {
  try {
    parseMessageFormat(format);
  } catch (error) {
    if (error instanceof MessageFormatError) throw new MosquittoUsageError(error.message);
    throw error;
  }
  words.format = format;
}

const ID_AND_PREFIX = "Error: -i and -I argument cannot be used together.";

function setClientIdentifier(words: MosquittoWords, value: string): void {
  if (words.clientIdentifierPrefix !== undefined) throw wordError(ID_AND_PREFIX);
  words.clientIdentifier = value;
}

function setClientIdentifierPrefix(words: MosquittoWords, value: string): void {
  if (words.clientIdentifier !== undefined) throw wordError(ID_AND_PREFIX);
  words.clientIdentifierPrefix = value;
}

function setKeepAlive(words: MosquittoWords, value: string): void {
  words.keepAlive = integer(value);
  if (words.keepAlive < 5 || words.keepAlive > 65_535) {
    throw wordError("Error: Invalid keepalive given, it must be between 5 and 65535 inclusive.");
  }
}

function setMaximumInFlight(words: MosquittoWords, value: string): void {
  words.maximumInFlight = integer(value);
  if (words.maximumInFlight < 1) throw wordError("Error: Maximum inflight messages must be greater than 0.");
}

function setPort(words: MosquittoWords, value: string): void {
  words.port = integer(value);
  if (words.port < 0 || words.port > 65_535) {
    throw new MosquittoUsageError(`Error: Invalid port given: ${words.port}`);
  }
}

function setQoS(words: MosquittoWords, value: string): void {
  words.qos = integer(value);
  if (words.qos < 0 || words.qos > 2) throw new MosquittoUsageError(`Error: Invalid QoS given: ${words.qos}`);
}

/** mosquitto_pub and mosquitto_rr have one topic, the last. */
function addTopic(words: MosquittoWords, value: string, tool: MosquittoTool): void {
  if (tool === "mosquitto_sub") {
    if (value !== "" && !isTopicFilter(value)) {
      throw new MosquittoUsageError(
        `Error: Invalid subscription topic '${value}', are all '+' and '#' wildcards correct?`,
      );
    }
    words.topics.push(value);
    return;
  }
  if (value !== "" && !isTopicName(value)) {
    throw new MosquittoUsageError(`Error: Invalid publish topic '${value}', does it contain '+' or '#'?`);
  }
  words.topics = [value];
}

function addFilterOut(words: MosquittoWords, value: string): void {
  if (!isTopicFilter(value)) {
    throw new MosquittoUsageError(`Error: Invalid filter topic '${value}', are all '+' and '#' wildcards correct?`);
  }
  words.filtersOut.push(value);
}

function addUnsubscribe(words: MosquittoWords, value: string): void {
  if (!isTopicFilter(value)) {
    throw new MosquittoUsageError(
      `Error: Invalid unsubscribe topic '${value}', are all '+' and '#' wildcards correct?`,
    );
  }
  words.unsubscribeTopics.push(value);
}

const VERSIONS: Readonly<Record<string, 3 | 4 | 5>> = {
  mqttv31: 3,
  "31": 3,
  mqttv311: 4,
  "311": 4,
  mqttv5: 5,
  "5": 5,
};

function setVersion(words: MosquittoWords, value: string): void {
  if (!Object.hasOwn(VERSIONS, value)) throw wordError("Error: Invalid protocol version argument given.");
  words.protocolVersion = VERSIONS[value];
}

function setTimeoutSeconds(words: MosquittoWords, value: string): void {
  words.timeoutSeconds = integer(value);
  if (words.timeoutSeconds < 1) throw wordError(`Error: Invalid timeout "${words.timeoutSeconds}".`);
}

function setSessionExpiry(words: MosquittoWords, value: string): void {
  if (value === "∞") words.sessionExpiryInterval = -1;
  else {
    const seconds = Number(value.match(/^\s*[+-]?\d+/)?.[0]);
    if (Number.isNaN(seconds)) throw wordError("Error: session-expiry-interval not a number.");
    if (seconds < -1 || seconds > 4_294_967_295) throw wordError("Error: session-expiry-interval out of range.");
    words.sessionExpiryInterval = seconds === 4_294_967_295 ? -1 : seconds;
  }
  words.hasSessionExpiryInterval = true;
}

function setProxy(words: MosquittoWords, value: string): void {
  if (!value.startsWith("socks5h://")) throw new MosquittoUsageError(`Error: Unsupported proxy protocol: ${value}`);
  words.proxy = `socks5://${value.slice("socks5h://".length)}`;
}

function setRandomFilter(words: MosquittoWords, value: string): void {
  words.randomFilterPercent = decimal(value);
  if (words.randomFilterPercent < 0.1) {
    throw wordError("Error: --random-filter chance must be between 0.1-100.0");
  }
}

function setRepeat(words: MosquittoWords, value: string): void {
  words.repeat = integer(value);
  if (words.repeat < 1) throw wordError("Error: --repeat argument must be >0.");
}

function setRepeatDelay(words: MosquittoWords, value: string): void {
  const seconds = decimal(value);
  if (seconds < 0) throw wordError("Error: --repeat-delay argument must be >=0.0.");
  words.repeatDelayMs = seconds * 1000;
}

function setRetainHandling(words: MosquittoWords, value: string): void {
  const handling = integer(value);
  if (handling !== 0 && handling !== 1 && handling !== 2) {
    throw wordError("Error: --retain-handling must be 0, 1 or 2.");
  }
  words.retainHandling = handling;
}

function setWillTopic(words: MosquittoWords, value: string): void {
  if (!isTopicName(value)) {
    throw new MosquittoUsageError(`Error: Invalid will topic '${value}', does it contain '+' or '#'?`);
  }
  words.willTopic = value;
}

function setWillQoS(words: MosquittoWords, value: string): void {
  words.willQoS = integer(value);
  if (words.willQoS < 0 || words.willQoS > 2) throw wordError(`Error: Invalid will QoS ${words.willQoS}.`);
}

function setTlsVersion(words: MosquittoWords, value: string): void {
  const version = /^tlsv1\.([123])$/.exec(value)?.[1];
  words.tlsVersionIsKnown = version !== undefined;
  if (version !== undefined) words.tls.minimumVersion = `TLSv1.${version}` as TlsSettings["minimumVersion"];
}

/** OpenSSL engines are nothing that Node offers for one connection. */
function refuseEngine(): void {
  throw new MosquittoUsageError("Error: TLS engines are not supported by tidings. Use --key with a file.", {
    hint: false,
  });
}
