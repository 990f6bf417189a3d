/**
 * The retained message of each topic is the last that was acknowledged, or one published behind it that may have arrived.
 * Each topic has one publisher and one QoS: nothing else is ordered.
 */
import type { Ledger, Publication } from "./ledger.js";

/** `retained` answers with the payload that the broker keeps for a topic. */
export function checkRetained(ledger: Ledger, retained: (topic: string) => Uint8Array | undefined): void {
  const topics = new Map<string, Publication[]>();
  for (const publication of ledger.publications) {
    if (!publication.retain || publication.isWill) continue;
    topics.set(publication.topic, [...(topics.get(publication.topic) ?? []), publication]);
  }
  for (const [topic, publications] of topics) {
    const payload = retained(topic);
    const lastAcknowledged = publications.findLastIndex(({ acknowledgedAt }) => acknowledgedAt !== undefined);
    const possible = publications.slice(Math.max(0, lastAcknowledged));
    if (payload === undefined) {
      // Cleared, expired, dropped at a limit, or never there.
      const mayBeNone = possible.some(
        ({ clears, expiryInterval, drops }) => clears || expiryInterval !== undefined || drops.size > 0,
      );
      if (lastAcknowledged >= 0 && !mayBeNone) {
        ledger.violated(`${topic} has no retained message; ${possible[0].id} was acknowledged last`);
      }
      continue;
    }
    const found = ledger.find(payload, topic, "the broker");
    if (found !== undefined && !possible.includes(found)) {
      ledger.violated(`${topic} retains ${found.id}, but ${possible[0]?.id} was acknowledged last`);
    }
  }
}
