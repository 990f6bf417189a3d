/** Connections that have not come to CONNACK, counted by where they come from. One place is taken up by each. */
import type { PeerInfo } from "@tidings/transport";
import { networkOf } from "@tidings/transport";

export class PendingConnections {
  private readonly counts = new Map<string, number>();

  /** From how many places there are any. */
  get size(): number {
    return this.counts.size;
  }

  /** Where a peer comes from; undefined for one without an address. */
  static placeOf(peer: unknown): string | undefined {
    const address = (peer as Partial<PeerInfo> | undefined)?.address;
    return typeof address === "string" ? networkOf(address) : undefined;
  }

  countOf(place: string): number {
    return this.counts.get(place) ?? 0;
  }

  add(place: string): void {
    this.counts.set(place, this.countOf(place) + 1);
  }

  remove(place: string): void {
    const count = this.countOf(place) - 1;
    if (count > 0) this.counts.set(place, count);
    else this.counts.delete(place);
  }
}
