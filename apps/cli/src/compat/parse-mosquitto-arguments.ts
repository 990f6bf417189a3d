/**
 * The command lines of mosquitto_pub, mosquitto_sub and mosquitto_rr: words from left to right, no clusters of letters,
 * no `--name=value`. Throws `MosquittoUsageError`.
 */
import type { QoS } from "@tidings/packet";
import { isTopicName } from "@tidings/topic";
import type { ConnectionSettings } from "../connection/connection-settings.js";
import type { MosquittoCommand, MosquittoTool } from "./mosquitto-command.js";
import { mosquittoFlag } from "./mosquitto-flags.js";
import { MosquittoUsageError, wordError } from "./mosquitto-usage-error.js";
import { MosquittoWords } from "./mosquitto-words.js";
import { parseMosquittoProperty } from "./parse-mosquitto-property.js";

const NEVER_EXPIRES = 0xff_ff_ff_ff;

/** `options` are the words of the tool's options file, which come first. "help" and "version" end everything. */
export function parseMosquittoArguments(
  tool: MosquittoTool,
  commandLine: readonly string[],
  options: readonly string[] = [],
): MosquittoCommand | "help" | "version" {
  const words = new MosquittoWords(tool);
  const all = [...options, ...commandLine];
  for (let index = 0; index < all.length; index++) {
    const word = all[index];
    if (word === "--help") return "help";
    if (word === "--version") return "version";
    if (word === "-D" || word === "--property") {
      index += parseMosquittoProperty(words, all.slice(index + 1));
      continue;
    }
    const flag = mosquittoFlag(word, tool);
    if (flag === undefined) throw new MosquittoUsageError(`Error: Unknown option '${word}'.`);
    if (flag.wants === undefined) flag.apply(words, "", tool);
    else {
      index += 1;
      if (index === all.length) throw wordError(`Error: ${flag.wants}`);
      flag.apply(words, all[index], tool);
    }
  }
  checkTogether(words);
  return command(tool, words);
}

/** What no single word can tell. */
function checkTogether(words: MosquittoWords): void {
  const { tls } = words;
  if (words.willPayload !== undefined && words.willTopic === undefined) {
    throw new MosquittoUsageError("Error: Will payload given, but no will topic given.");
  }
  if (words.willRetain && words.willTopic === undefined) {
    throw new MosquittoUsageError("Error: Will retain given, but no will topic given.");
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new MosquittoUsageError("Error: Both certfile and keyfile must be provided if one of them is set.");
  }
  if (words.hasKeyform && tls.keyFile === undefined) {
    throw new MosquittoUsageError("Error: If keyform is set, keyfile must be also specified.");
  }
  if (tls.psk !== undefined && (tls.caFile !== undefined || tls.caFolder !== undefined)) {
    throw new MosquittoUsageError("Error: Only one of --psk or --cafile/--capath may be used at once.");
  }
  if (tls.psk !== undefined && tls.pskIdentity === undefined) {
    throw new MosquittoUsageError("Error: --psk-identity required if --psk used.");
  }
  // A prefix is completed with the process identifier, so it counts as no identifier that a session could be found by.
  const isAnonymous = words.clientIdentifier === undefined && words.clientIdentifierPrefix === undefined;
  if (words.protocolVersion === 5) {
    if (isAnonymous && sessionExpiry(words) === NEVER_EXPIRES) {
      throw new MosquittoUsageError(
        "Error: You must provide a client id if you are using an infinite session expiry interval.",
      );
    }
  } else if (!words.cleanSession && isAnonymous) {
    throw new MosquittoUsageError("Error: You must provide a client id if you are using the -c option.");
  }
}

function command(tool: MosquittoTool, words: MosquittoWords): MosquittoCommand {
  const { debug, quiet, properties } = words;
  const qos = words.qos as QoS;
  const common = { debug, quiet };
  const output = {
    format: words.format,
    pretty: words.pretty,
    verbose: words.verbose,
    newline: words.newline,
  };
  switch (tool) {
    case "mosquitto_pub": {
      const { source, retain, repeat, repeatDelayMs } = words;
      const [topic] = words.topics;
      if (topic === undefined || source === undefined) {
        throw new MosquittoUsageError("Error: Both topic and message must be supplied.", { hint: false, help: true });
      }
      const connection = connectionSettings(words);
      return {
        tool,
        ...common,
        request: {
          ...{ connection, topic, qos, retain, source, repeat, repeatDelayMs },
          properties: properties.publish ?? {},
          inFlightMax: words.maximumInFlight,
        },
      };
    }
    case "mosquitto_rr": {
      const { source, retain, responseTopic } = words;
      const [topic] = words.topics;
      if (topic === undefined || source === undefined || responseTopic === undefined) {
        throw new MosquittoUsageError("Error: All of topic, message, and response topic must be supplied.");
      }
      if (!isTopicName(responseTopic)) {
        throw new MosquittoUsageError(`Error: Invalid response topic '${responseTopic}', does it contain '+' or '#'?`);
      }
      return {
        tool,
        ...common,
        ...{ connection: connectionSettings(words), topic, responseTopic, qos, retain, source, output },
        properties: properties.publish ?? {},
        subscribeProperties: properties.subscribe ?? {},
        skipRetained: words.noRetained,
        timeoutSeconds: words.timeoutSeconds || undefined,
      };
    }
    case "mosquitto_sub": {
      if (words.topics.length === 0) throw new MosquittoUsageError("Error: You must specify a topic to subscribe to.");
      if (words.noRetained && words.retainedOnly) {
        throw new MosquittoUsageError("\nError: Combining '-R' and '--retained-only' makes no sense.", { hint: false });
      }
      return {
        tool,
        ...common,
        output,
        request: {
          connection: connectionSettings(words),
          topicFilters: words.topics,
          unsubscribeFilters: words.unsubscribeTopics,
          filtersOut: words.filtersOut,
          qos,
          noLocal: false,
          retainAsPublished: words.retainAsPublished,
          retainHandling: words.retainHandling,
          properties: properties.subscribe ?? {},
          count: words.count || undefined,
          timeoutSeconds: words.timeoutSeconds || undefined,
          exitAfterSubscribe: words.exitAfterSubscribe,
          retainedOnly: words.retainedOnly,
          skipRetained: words.noRetained,
          removeRetained: words.removeRetained,
          randomFilterPercent: words.randomFilterPercent,
        },
      };
    }
  }
}

function connectionSettings(words: MosquittoWords): ConnectionSettings {
  const { tls, properties, willTopic } = words;
  if (words.password !== undefined && words.username === undefined && words.protocolVersion !== 5) {
    throw new MosquittoUsageError("Error: Problem setting username and/or password.", { hint: false });
  }
  if (!words.tlsVersionIsKnown) {
    throw new MosquittoUsageError("Error: Problem setting TLS options, check the options are valid.", { hint: false });
  }
  if (words.clientIdentifier === "") {
    throw new MosquittoUsageError("Error: Invalid id and/or clean_session.", { hint: false });
  }
  const usesTls = words.usesTls || tls.caFile !== undefined || tls.caFolder !== undefined || tls.psk !== undefined;
  const secure = usesTls ? "s" : "";
  const expiry = sessionExpiry(words);
  return {
    scheme: words.unixPath !== undefined ? "unix" : words.webSocket ? `ws${secure}` : `mqtt${secure}`,
    host: words.host,
    port: words.port > 0 ? words.port : usesTls ? 8883 : words.webSocket ? 8080 : 1883,
    path: words.unixPath ?? (words.webSocket ? "/mqtt" : undefined),
    bindAddress: words.bindAddress,
    protocolVersion: words.protocolVersion,
    clientIdentifier: clientIdentifier(words),
    username: words.username,
    password: words.password,
    keepAlive: words.keepAlive,
    cleanStart: words.cleanSession,
    // What is not sent is 0 here; the client would choose otherwise.
    properties: { sessionExpiryInterval: expiry, topicAliasMaximum: 0, ...properties.connect },
    disconnectProperties: properties.disconnect,
    will:
      willTopic === undefined
        ? undefined
        : {
            topic: willTopic,
            payload: new TextEncoder().encode(words.willPayload ?? ""),
            qos: words.willQoS as QoS,
            retain: words.willRetain,
            properties: properties.will,
          },
    tls,
    proxy: words.proxy,
    topicAliases: words.properties.publish?.topicAlias !== undefined,
    reconnects: true,
  };
}

/** Without `-x` a session that is not clean never ends, a clean one ends at once. */
function sessionExpiry({ cleanSession, hasSessionExpiryInterval, sessionExpiryInterval }: MosquittoWords): number {
  if (hasSessionExpiryInterval) return sessionExpiryInterval === -1 ? NEVER_EXPIRES : sessionExpiryInterval;
  return cleanSession ? 0 : NEVER_EXPIRES;
}

/** Without one the server chooses; 3.1 servers cannot. */
function clientIdentifier({
  clientIdentifier,
  clientIdentifierPrefix,
  protocolVersion,
}: MosquittoWords): string | undefined {
  if (clientIdentifier !== undefined) return clientIdentifier;
  if (clientIdentifierPrefix !== undefined) return clientIdentifierPrefix + process.pid;
  return protocolVersion === 3 ? undefined : "";
}
