/**
 * Who may not come in for a while, or ever: Client Identifiers, user names, addresses and networks. Entries can be added and
 * taken away while a broker runs, and a ban disconnects whoever it is about. Holds them in memory; `onChange` and `entries`
 * are for whoever keeps them.
 */
import { type BlockList, isIP } from "node:net";
import { ReasonCode } from "@tidings/packet";
import { addressesOf, isListed } from "./address-list.js";
import { AuthError } from "./auth-error.js";
import type { AuthClient, AuthHooks, AuthHost, ConnectedClient, Verdict } from "./auth-hooks.js";

export type BanKind = "client" | "user" | "address";

/** One entry; plain data, fit for JSON. */
export interface Ban {
  readonly kind: BanKind;
  /** A Client Identifier, a user name, an IP address or a network such as 10.0.0.0/8. */
  readonly value: string;
  /** For people. */
  readonly reason?: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Milliseconds since 1970. Absent: until it is taken away. */
  readonly expiresAtMs?: number;
}

export interface BanListOptions {
  /** Default 10,000, about 2 MB. */
  readonly entriesMax?: number;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number;
  /** Entries were added or taken away; not told of those that have expired. */
  readonly onChange?: () => void;
}

interface Entry {
  readonly ban: Ban;
  /** Of a network or an address. */
  readonly addresses: BlockList | undefined;
}

const ENTRIES_MAX_DEFAULT = 10_000;

export class BanList {
  /** For the option `hooks` of a broker; refuses with 0x8A, or 0x05 before 5.0. */
  readonly hook: AuthHooks;
  /** By kind and value. */
  private readonly known = new Map<string, Entry>();
  /** Of `known`, those that a lookup by address cannot find. */
  private readonly networks = new Set<Entry>();
  private readonly hosts = new Set<AuthHost>();
  private readonly entriesMax: number;
  private readonly now: () => number;
  private readonly onChange: () => void;

  constructor({ entriesMax = ENTRIES_MAX_DEFAULT, now = Date.now, onChange = () => {} }: BanListOptions = {}) {
    this.entriesMax = entriesMax;
    this.now = now;
    this.onChange = onChange;
    this.hook = {
      onAttach: (host) => void this.hosts.add(host),
      authorizeConnect: (client) => this.refusalOf(client),
    };
  }

  /** Without those that have expired. */
  entries(): Ban[] {
    this.prune();
    return [...this.known.values()].map(({ ban }) => ban);
  }

  /**
   * Adds an entry, in place of one about the same, and disconnects whom it is about. False: there are as many as there may
   * be. Throws an `AuthError` with `TIDINGS_BAN` for an address that is none.
   */
  add(ban: Omit<Ban, "createdAtMs"> & { readonly createdAtMs?: number }): boolean {
    const nowMs = this.now();
    const entry = entryOf({ ...ban, createdAtMs: ban.createdAtMs ?? nowMs });
    if (hasExpired(entry.ban, nowMs)) return true;
    const key = keyOf(ban.kind, ban.value);
    if (!this.known.has(key) && this.known.size >= this.entriesMax) {
      this.prune();
      if (this.known.size >= this.entriesMax) return false;
    }
    this.forget(key);
    this.known.set(key, entry);
    if (isNetwork(entry)) this.networks.add(entry);
    this.disconnectBanned(entry);
    this.onChange();
    return true;
  }

  /** False: there was no such entry. */
  remove(kind: BanKind, value: string): boolean {
    if (!this.forget(keyOf(kind, value))) return false;
    this.onChange();
    return true;
  }

  /** The entry that keeps this client out. */
  banOf(client: AuthClient): Ban | undefined {
    const nowMs = this.now();
    const { address } = (client.peer ?? {}) as { address?: unknown };
    const { clientIdentifier, userName } = client;
    const found = [
      this.known.get(keyOf("client", clientIdentifier)),
      userName === undefined ? undefined : this.known.get(keyOf("user", userName)),
      typeof address === "string" ? this.known.get(keyOf("address", address)) : undefined,
    ].find((entry) => entry !== undefined && !hasExpired(entry.ban, nowMs));
    if (found !== undefined) return found.ban;
    for (const { ban, addresses } of this.networks) {
      if (!hasExpired(ban, nowMs) && isListed(addresses as BlockList, address)) return ban;
    }
    return undefined;
  }

  private refusalOf(client: AuthClient): Verdict | undefined {
    const ban = this.banOf(client);
    // Whoever is kept out need not know what by.
    return ban === undefined ? undefined : { reasonCode: ReasonCode.Banned, reasonString: "banned" };
  }

  private disconnectBanned(entry: Entry): void {
    for (const host of this.hosts) {
      const banned: ConnectedClient[] = [];
      for (const client of host.clients()) if (concerns(entry, client)) banned.push(client);
      for (const client of banned) client.disconnect(ReasonCode.Banned, { reasonString: "banned" });
    }
  }

  private forget(key: string): boolean {
    const entry = this.known.get(key);
    if (entry === undefined) return false;
    this.known.delete(key);
    this.networks.delete(entry);
    return true;
  }

  private prune(): void {
    const nowMs = this.now();
    for (const [key, { ban }] of this.known) if (hasExpired(ban, nowMs)) this.forget(key);
  }
}

function entryOf(ban: Ban): Entry {
  if (ban.kind !== "address") return { ban, addresses: undefined };
  const wrong = (what: string): AuthError => new AuthError("TIDINGS_BAN", `A ban by address ${what}.`);
  return { ban, addresses: addressesOf([ban.value], wrong) };
}

/** IPv6 can be written in many ways, so its addresses are compared as networks of one. */
function isNetwork({ ban, addresses }: Entry): boolean {
  return addresses !== undefined && isIP(ban.value) !== 4;
}

function concerns({ ban, addresses }: Entry, client: AuthClient): boolean {
  if (ban.kind === "client") return client.clientIdentifier === ban.value;
  if (ban.kind === "user") return client.userName === ban.value;
  return isListed(addresses as BlockList, (client.peer as { address?: unknown } | undefined)?.address);
}

function hasExpired({ expiresAtMs }: Ban, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

function keyOf(kind: BanKind, value: string): string {
  return `${kind} ${value}`;
}
