/** Reads a Server Reference (MQTT 5.0 section 4.11). */
import { parseServerAddress, type ServerAddress } from "./server-address.js";

/**
 * The first of the servers that the reference names: a URL, or `host` or `host:port` reached in the same way as `current`.
 * Undefined for what cannot be understood.
 */
export function redirectTarget(serverReference: string, current: ServerAddress): ServerAddress | undefined {
  const [first = ""] = serverReference.trim().split(/\s+/);
  const [scheme] = current.url.split(":");
  const path = /^[a-z0-9+]+:\/\/[^/]*(\/.*)?$/i.exec(current.url)?.[1] ?? "";
  const credentials = { username: current.username, password: current.password };
  try {
    if (/^[a-z0-9+]+:\/\//i.test(first)) return parseServerAddress(first);
    if (current.transport === "unix") return { ...parseServerAddress(`mqtt://${first}`), ...credentials };
    return { ...parseServerAddress(`${scheme}://${first}${path}`), ...credentials };
  } catch {
    return undefined;
  }
}
