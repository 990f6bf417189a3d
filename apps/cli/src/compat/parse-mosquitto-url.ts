/** `-L mqtt(s)://[username[:password]@]host[:port]/topic`, as mosquitto's tools take it: nothing is unescaped. */
import { MosquittoUsageError, wordError } from "./mosquitto-usage-error.js";
import type { MosquittoWords } from "./mosquitto-words.js";

export function parseMosquittoUrl(words: MosquittoWords, url: string): void {
  const [, scheme, rest] = /^(mqtts?):\/\/(.*)$/s.exec(url) ?? [];
  if (scheme === undefined) throw wordError("Error: unsupported URL scheme.");
  const slash = rest.indexOf("/");
  if (slash === -1) {
    throw new MosquittoUsageError("Error: Invalid URL for -L argument specified - topic missing.");
  }
  const place = rest.slice(0, slash);
  const topic = rest.slice(slash + 1);
  const at = place.indexOf("@");
  if (at !== -1) {
    const [username, ...password] = place.slice(0, at).split(":");
    words.username = username;
    if (password.length > 0) words.password = password.join(":");
  }
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(place.slice(at + 1)) as RegExpExecArray;
  words.host = host.replace(/^\[|\]$/g, "");
  words.port = port === undefined ? (scheme === "mqtts" ? 8883 : 1883) : Number.parseInt(port, 10) || 0;
  if (scheme === "mqtts") words.usesTls = true;
  if (topic !== "") words.topics.push(topic);
}
