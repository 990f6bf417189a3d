/**
 * What the admin API is made of. Everything but the broker and a way to say who one is may be absent; routes that need what
 * is absent answer 501.
 */
import type { AccessRule, UserSource, UserStore } from "@tidings/auth";
import type { Broker } from "@tidings/broker";

type MaybePromise<T> = T | Promise<T>;

/** Where one entry of a ban list stands for a Client Identifier, a user name, or an address or network. */
export interface Ban {
  readonly kind: "client" | "user" | "address";
  readonly value: string;
  readonly reason?: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs?: number;
  /** Milliseconds since 1970. Absent: until it is taken away. */
  readonly expiresAtMs?: number;
}

/** `BanList` of `@tidings/auth` is one. */
export interface BanList {
  entries(): Iterable<Ban>;
  /** Disconnects whom it is about. False: there are as many as there may be. Throws for an address that is none. */
  add(ban: Ban): boolean;
  /** False: there was none. */
  remove(kind: Ban["kind"], value: string): boolean;
}

/** Access rules that are managed here, wherever they are kept. */
export interface AccessRuleStore {
  rules(): readonly AccessRule[];
  /** Throws an `AuthError` for rules that cannot be; nothing has changed then. */
  replace(rules: readonly AccessRule[]): MaybePromise<void>;
}

export interface ListenerEntry {
  readonly name: string;
  readonly type: string;
  readonly url: string;
}

export interface ReloadReport {
  /** What is different now, in words. */
  readonly changes: readonly string[];
  /** What is written differently now and is read at start only. */
  readonly needsRestart: readonly string[];
}

export interface ConfigurationAccess {
  /** As it is in force, plain data; secrets are hidden already. */
  effective(): unknown;
  /** Rejects when the new one cannot be; nothing has changed then. */
  reload(): Promise<ReloadReport>;
}

export interface LogLevels {
  readonly levels: readonly string[];
  /** By subsystem; "" is everything that has no level of its own. */
  get(): Readonly<Record<string, string>>;
  /** Undefined: it follows "" again. False: there is no such subsystem. */
  set(subsystem: string, level: string | undefined): boolean;
}

export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface AdminOptions {
  readonly broker: Broker;
  /** Of the program. */
  readonly version: string;
  /** Bearer tokens that open every route, each at least 16 characters. */
  readonly tokens?: readonly string[];
  /** Who may come in with user name and password (Basic). No relation to the broker's users. */
  readonly administrators?: UserSource;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 8880; 0: any that is free. */
  readonly port?: number;
  /** For `/metrics`, as `createBrokerMetrics` of `@tidings/metrics` makes it. */
  readonly metrics?: MetricsText;
  /** `/metrics` asks who it is, too. Default false. */
  readonly guardsMetrics?: boolean;
  /** For `/readyz`. Default: while the broker's store has room. */
  readonly isReady?: () => boolean;
  /** The broker's users. */
  readonly users?: UserStore;
  readonly accessRules?: AccessRuleStore;
  readonly bans?: BanList;
  readonly listeners?: () => readonly ListenerEntry[];
  readonly configuration?: ConfigurationAccess;
  readonly logLevels?: LogLevels;
  /** Hears what went wrong while a request was served. */
  readonly onFailure?: (error: unknown, request: { readonly method: string; readonly url: string }) => void;
  /** Hears of what was changed by whom. Nothing secret is in it. */
  readonly onChange?: (change: AdminChange) => void;
  /** Milliseconds between two samples of the history. Default 10,000. */
  readonly sampleIntervalMs?: number;
  readonly limits?: Partial<AdminLimits>;
}

export interface AdminChange {
  /** The administrator's name; "token" for one. */
  readonly by: string;
  readonly method: string;
  readonly url: string;
}

export interface AdminLimits {
  /** Connections at a time; more are closed. Default 100. */
  readonly connectionsMax: number;
  /** Bytes of a request's body; 413 above. Default 1 MiB. */
  readonly bodyBytesMax: number;
  /** From a request's first byte to its last; then the connection is closed. Default 10,000. */
  readonly requestTimeoutMs: number;
  /** Traces at a time; 503 above. Each costs every message of the broker something. Default 4. */
  readonly tracesMax: number;
  /** Bytes of a trace that wait for its reader; steps are left out, and counted, above. Default 1 MiB. */
  readonly traceBufferBytesMax: number;
  /** Samples of the history, about 200 bytes each. Default 360. */
  readonly samplesMax: number;
  /** Wrong passwords of one address in a minute; then 429 for the rest of it. Default 10. */
  readonly wrongPasswordsMax: number;
}

export const ADMIN_LIMITS_DEFAULT: AdminLimits = {
  connectionsMax: 100,
  bodyBytesMax: 1_048_576,
  requestTimeoutMs: 10_000,
  tracesMax: 4,
  traceBufferBytesMax: 1_048_576,
  samplesMax: 360,
  wrongPasswordsMax: 10,
};
