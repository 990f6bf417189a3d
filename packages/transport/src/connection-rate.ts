/**
 * How often somebody may connect: a token bucket for all together, and one for each address. Has no clock. An address is
 * forgotten when its bucket is full again, so what is remembered are those that came lately, up to a limit.
 */

export interface ConnectionRateOptions {
  /** Connections a second from all addresses together, on average. Default: no limit. */
  readonly perSecond?: number;
  /** Connections that may come at once. Default: what one second allows, at least 1. */
  readonly burst?: number;
  /** The same for each address. Default: no limit. */
  readonly perAddressPerSecond?: number;
  readonly perAddressBurst?: number;
  /** Addresses that are remembered; those beyond are judged by the first limit alone. Default 100,000, about 15 MB. */
  readonly addressesMax?: number;
}

export const RATE_ADDRESSES_MAX_DEFAULT = 100_000;

const PURGE_INTERVAL_MS = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

export class ConnectionRate {
  private readonly all: TokenRate | undefined;
  private readonly each: TokenRate | undefined;
  private readonly addressesMax: number;
  private readonly total: Bucket;
  private readonly buckets = new Map<string, Bucket>();
  private purgedAtMs = 0;

  constructor(options: ConnectionRateOptions) {
    this.all = rateOf(options.perSecond, options.burst);
    this.each = rateOf(options.perAddressPerSecond, options.perAddressBurst);
    this.addressesMax = options.addressesMax ?? RATE_ADDRESSES_MAX_DEFAULT;
    this.total = { tokens: this.all?.burst ?? 0, atMs: 0 };
  }

  /** Addresses remembered now. */
  get addressCount(): number {
    return this.buckets.size;
  }

  /** False: too many for now. What an address was refused is not counted against the others. */
  admits(address: string | undefined, nowMs: number): boolean {
    const own = address === undefined || this.each === undefined ? undefined : this.bucketOf(address, this.each, nowMs);
    if (own !== undefined && own.tokens < 1) return false;
    if (this.all !== undefined) {
      refill(this.total, this.all, nowMs);
      if (this.total.tokens < 1) return false;
      this.total.tokens -= 1;
    }
    if (own !== undefined) own.tokens -= 1;
    return true;
  }

  private bucketOf(address: string, rate: TokenRate, nowMs: number): Bucket | undefined {
    const known = this.buckets.get(address);
    if (known !== undefined) {
      refill(known, rate, nowMs);
      return known;
    }
    this.purge(rate, nowMs);
    if (this.buckets.size >= this.addressesMax) return undefined;
    const bucket = { tokens: rate.burst, atMs: nowMs };
    this.buckets.set(address, bucket);
    return bucket;
  }

  /** Forgets who has all tokens back. Seldom, and at once when the time has come: the map is bounded. */
  private purge(rate: TokenRate, nowMs: number): void {
    if (nowMs - this.purgedAtMs < PURGE_INTERVAL_MS) return;
    this.purgedAtMs = nowMs;
    for (const [address, bucket] of this.buckets) {
      refill(bucket, rate, nowMs);
      if (bucket.tokens >= rate.burst) this.buckets.delete(address);
    }
  }
}

interface TokenRate {
  readonly perMs: number;
  readonly burst: number;
}

function rateOf(perSecond: number | undefined, burst: number | undefined): TokenRate | undefined {
  if (perSecond === undefined) return undefined;
  return { perMs: perSecond / 1000, burst: burst ?? Math.max(1, perSecond) };
}

function refill(bucket: Bucket, { perMs, burst }: TokenRate, nowMs: number): void {
  bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs);
  bucket.atMs = nowMs;
}
