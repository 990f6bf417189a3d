/**
 * Bans for a while who comes too often: a client that connects and is gone, again and again, and two that take the same Client
 * Identifier away from each other. Counts clients that were let in, so that nobody is banned for what others pretend.
 */
import { isIP } from "node:net";
import { networkOf } from "@tidings/transport";
import type { AuthHooks, ConnectedClient } from "./auth-hooks.js";
import type { BanKind, BanList } from "./ban-list.js";
import { RecentKeys } from "./recent-keys.js";

export interface FlapGuardOptions {
  /** Default 60,000 ms. */
  readonly windowMs?: number;
  /** Connects of one Client Identifier in a window that are still in order. Default 15. */
  readonly clientConnectsMax?: number;
  /** The same for one address (IPv6: one /64 network). Default: no limit; many clients may share one. */
  readonly addressConnectsMax?: number;
  /** Default 300,000 ms. */
  readonly banMs?: number;
  /** Client Identifiers and addresses that are remembered, each. Default 10,000, about 2 MB. */
  readonly trackedMax?: number;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number;
}

interface Window {
  readonly sinceMs: number;
  connects: number;
}

/** Adds to `bans`, which has to be among the hooks as well. */
export function flapGuard(bans: BanList, options: FlapGuardOptions = {}): AuthHooks {
  const { windowMs = 60_000, banMs = 300_000, trackedMax = 10_000, now = Date.now } = options;
  const { clientConnectsMax = 15, addressConnectsMax } = options;
  const clients = new RecentKeys<Window>(trackedMax);
  const addresses = new RecentKeys<Window>(trackedMax);

  const count = (kind: BanKind, value: string, seen: RecentKeys<Window>, connectsMax: number): void => {
    const nowMs = now();
    const known = seen.get(value);
    const window = known === undefined || nowMs - known.sinceMs >= windowMs ? { sinceMs: nowMs, connects: 0 } : known;
    window.connects += 1;
    if (window.connects <= connectsMax) {
      seen.set(value, window);
      return;
    }
    seen.delete(value);
    const reason = `${window.connects} connects within ${Math.ceil((nowMs - window.sinceMs) / 1000)} s`;
    bans.add({ kind, value, reason, expiresAtMs: nowMs + banMs });
  };

  return {
    onConnect: ({ clientIdentifier, peer }: ConnectedClient) => {
      const { address } = (peer ?? {}) as { address?: unknown };
      // The path of a Unix socket is nobody's address.
      if (addressConnectsMax !== undefined && typeof address === "string" && isIP(address) > 0) {
        count("address", networkOf(address), addresses, addressConnectsMax);
      }
      count("client", clientIdentifier, clients, clientConnectsMax);
    },
  };
}
