/**
 * From the bytes of a Topic Name to its route, in front of the trie. A table of fixed size, one route to a slot; a topic
 * takes its slot the second time in a row that it misses, so that topics seen once push nothing out. A hit needs no
 * string and no validation: its bytes equal those that were validated.
 */
import { isWellFormedUtf8, readUtf8 } from "@tidings/packet";
import { topicLevelCount } from "@tidings/topic";
import { copyOf } from "./copy-bytes.js";
import { Route } from "./route.js";
import type { SubscriptionTable } from "./subscription-table.js";

const PLUS = 0x2b;
const HASH = 0x23;
const SLASH = 0x2f;

/** In place of a limit, for what was accepted before: in an earlier life the limit may have been higher. */
export const ANY_LEVELS = Number.POSITIVE_INFINITY;

export class RouteCache {
  private readonly routes: (Route | undefined)[];
  private readonly missed: Int32Array;
  private readonly mask: number;

  constructor(
    private readonly subscriptions: SubscriptionTable,
    private readonly topicLevelsMax: number,
    cachedRoutesMax: number,
  ) {
    let size = 16;
    while (size < cachedRoutesMax) size *= 2;
    this.mask = size - 1;
    this.routes = new Array(size).fill(undefined);
    this.missed = new Int32Array(size);
  }

  /** The route of the topic in `bytes[start, end)`; undefined when these are no valid Topic Name or one too deep. */
  find(bytes: Uint8Array, start: number, end: number, levelsMax = this.topicLevelsMax): Route | undefined {
    let hash = 0x811c9dc5 | 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash ^= hash >>> 15;
    const slot = hash & this.mask;
    const cached = this.routes[slot];
    if (cached !== undefined && equalBytes(cached.topicBytes, bytes, start, end)) return this.current(cached);
    if (!isTopicBytes(bytes, start, end, levelsMax)) return undefined;
    const route = this.current(new Route(readUtf8(bytes, start, end), copyOf(bytes, start, end), hash));
    // Who publishes must not find it.
    if (levelsMax > this.topicLevelsMax && topicLevelCount(route.topicName) > this.topicLevelsMax) return route;
    if (this.missed[slot] === hash) this.routes[slot] = route;
    this.missed[slot] = hash;
    return route;
  }

  /** The same route, up to date with the subscriptions. */
  current(route: Route): Route {
    if (route.generation !== this.subscriptions.generation) this.subscriptions.resolve(route);
    return route;
  }
}

/** A valid Topic Name: not empty, no wildcards, well-formed, not too deep (section 4.7). */
function isTopicBytes(bytes: Uint8Array, start: number, end: number, levelsMax: number): boolean {
  if (end === start) return false; // [MQTT-4.7.3-1]
  let levels = 1;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === PLUS || byte === HASH) return false; // [MQTT-3.3.2-2]
    if (byte === SLASH) levels += 1;
  }
  return levels <= levelsMax && isWellFormedUtf8(bytes, start, end); // [MQTT-1.5.4-1] [MQTT-1.5.4-2]
}

function equalBytes(expected: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (expected.length !== end - start) return false;
  for (let i = 0; i < expected.length; i++) if (expected[i] !== bytes[start + i]) return false;
  return true;
}
