/**
 * The hooks of a broker that this package answers, by their shape: `@tidings/broker` takes what is made here, and so does
 * anything else that asks the same questions.
 */
import type { QoS, ReasonCode, SubscriptionRequest } from "@tidings/packet";

export type MaybePromise<T> = T | Promise<T>;

/** Who a client is: the same object from CONNECT to the next authentication. */
export interface Principal {
  readonly clientIdentifier: string;
  readonly userName: string | undefined;
  readonly groups: readonly string[];
  /** What a token said, verified. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** In place of configured rules. */
  readonly permissions: Permissions | undefined;
  /** `PeerInfo` of `@tidings/transport`, where the client came through one of its listeners. */
  readonly peer: unknown;
}

/** Topic Filters; what is not named is not allowed. */
export interface Permissions {
  readonly publish: readonly string[];
  /** To subscribe to, and to receive from. */
  readonly subscribe: readonly string[];
}

/** A client as far as authentication needs it. */
export interface AuthClient {
  readonly clientIdentifier: string;
  readonly userName: string | undefined;
  readonly peer: unknown;
  readonly principal: Principal;
}

/** Below 0x80 is yes, 0x80 and above is no. */
export interface Verdict {
  reasonCode: ReasonCode;
  reasonString?: string;
  userName?: string;
  clientIdentifier?: string;
  groups?: readonly string[];
  claims?: Readonly<Record<string, unknown>>;
  permissions?: Permissions;
  /** Milliseconds since 1970. */
  expiresAtMs?: number;
}

export interface AuthenticateRequest {
  readonly client: AuthClient;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly connect: { readonly clientIdentifier: string };
}

export interface EnhancedAuthenticateStep {
  readonly client: AuthClient;
  readonly method: string;
  readonly data: Uint8Array | undefined;
  readonly step: number;
  readonly reauthentication: boolean;
  /** CONNECT or AUTH. */
  readonly packet: object;
  state: unknown;
}

export interface EnhancedAuthenticateAnswer extends Verdict {
  data?: Uint8Array;
}

export interface IncomingPublish {
  readonly client: AuthClient | undefined;
  readonly message: { readonly topicName: string; readonly qos: QoS; readonly retain: boolean };
  readonly will: boolean;
}

/** A client that is connected, as far as a ban has to know it. */
export interface ConnectedClient extends AuthClient {
  disconnect(reasonCode: ReasonCode, details?: { reasonString?: string }): void;
}

/** What hooks may ask of the broker that they serve. */
export interface AuthHost {
  permissionsChanged(): void;
  clients(): Iterable<ConnectedClient>;
}

/** What every factory of this package gives, for the option `hooks` of a broker. `undefined` is "no opinion". */
export interface AuthHooks {
  onAttach?(host: AuthHost): void;
  /** Before authentication, and after it when that made somebody else of the client. */
  authorizeConnect?(client: AuthClient): Verdict | undefined;
  authenticate?(request: AuthenticateRequest): MaybePromise<Verdict | undefined>;
  authenticateEnhanced?(step: EnhancedAuthenticateStep): MaybePromise<EnhancedAuthenticateAnswer | undefined>;
  permitPublish?(principal: Principal, topicName: string, qos: QoS, retain: boolean): ReasonCode | undefined;
  authorizePublish?(publish: IncomingPublish): MaybePromise<ReasonCode | undefined>;
  authorizeSubscribe?(client: AuthClient, subscription: SubscriptionRequest): MaybePromise<ReasonCode | undefined>;
  authorizeReceive?(principal: Principal, topicName: string): ReasonCode | undefined;
  /** After CONNACK. */
  onConnect?(client: ConnectedClient): void;
}
