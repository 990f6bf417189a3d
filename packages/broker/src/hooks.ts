/**
 * Where an embedder decides: who may come in, what they may do, what happens to a message. Hooks stack: each point asks
 * them in the order given. A hook that returns a plain value is answered at once; one that returns a promise pauses that
 * one connection, in order, until it settles. A hook that throws or rejects counts as a refusal with 0x80 and is
 * reported to the observer.
 *
 * Answers are Reason Codes: below 0x80 is yes, 0x80 and above is no. `undefined` is "no opinion".
 */
import type {
  AuthPacket,
  ConnectPacket,
  Properties,
  QoS,
  ReasonCode,
  SubscriptionRequest,
  UserProperty,
} from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { Client } from "./client.js";
import type { Permissions, Principal } from "./principal.js";

export type MaybePromise<T> = T | Promise<T>;

/** A refusal or consent with more to say. */
export interface Verdict {
  reasonCode: ReasonCode;
  /** Sent to 5.0 clients that did not turn off problem information (3.1.2.11.7). */
  reasonString?: string;
  /** With 0x9C or 0x9D (section 4.11). */
  serverReference?: string;
  userProperties?: UserProperty[];
  // With consent to a CONNECT or a re-authentication.
  /** Becomes the client's user name. Default: what CONNECT said. */
  userName?: string;
  /** For a client that sent no Client Identifier, in place of one made up. */
  clientIdentifier?: string;
  groups?: readonly string[];
  claims?: Readonly<Record<string, unknown>>;
  permissions?: Permissions;
  /** Milliseconds since 1970. Then the client is disconnected with 0x87, unless it has re-authenticated. Default: never. */
  expiresAtMs?: number;
}

/** What hooks may ask of the broker that they serve. */
export interface HookHost {
  /** Answers of `permitPublish` and `authorizeReceive` may be other ones now. */
  permissionsChanged(): void;
  /** Clients that are connected now. */
  clients(): Iterable<Client>;
}

export interface AuthenticateRequest {
  readonly client: Client;
  readonly connect: ConnectPacket;
  readonly userName: string | undefined;
  /** Valid during the call and until the returned promise settles. */
  readonly password: Uint8Array | undefined;
}

/** One step of an enhanced authentication (section 4.12). */
export interface EnhancedAuthenticateStep {
  readonly client: Client;
  readonly method: string;
  readonly data: Uint8Array | undefined;
  /** 1 for CONNECT or the AUTH that starts a re-authentication, then counting up. */
  readonly step: number;
  readonly reauthentication: boolean;
  /** CONNECT in the first step of the first exchange, AUTH otherwise. */
  readonly packet: ConnectPacket | AuthPacket;
  /** For the hook: kept from step to step of one exchange. */
  state: unknown;
}

/** 0x18 asks for another step, 0x00 ends the exchange well, 0x80 and above refuse. */
export interface EnhancedAuthenticateAnswer extends Verdict {
  data?: Uint8Array;
}

/** What a publish hook may change. What is absent stays. */
export interface PublishChange {
  topicName?: string;
  payload?: Uint8Array;
  qos?: QoS;
  retain?: boolean;
  properties?: Pick<
    Properties,
    | "payloadFormatIndicator"
    | "messageExpiryInterval"
    | "contentType"
    | "responseTopic"
    | "correlationData"
    | "userProperties"
  >;
}

/** A message on its way in. */
export interface IncomingPublish {
  /** Undefined when the host process publishes. */
  readonly client: Client | undefined;
  readonly message: ApplicationMessage;
  /** True for a Will Message. */
  readonly will: boolean;
  /**
   * The message is routed at once, its PUBACK or PUBREC waits until the returned function is called, with a Reason
   * Code for 5.0 clients (default 0x00). Acknowledgements leave in the order of arrival, so one that is held holds
   * those behind it; the client's Receive Maximum bounds them. To be called before the hook returns.
   */
  holdAcknowledgement(): (reasonCode?: ReasonCode) => void;
}

/** Why a message did not reach a session, or was not taken in. Each has a counter. */
export type DropReason =
  | "queue-full"
  | "expired"
  | "too-large"
  | "slow-consumer"
  | "refused"
  | "not-permitted"
  | "retained-limit"
  | "memory-limit"
  | "session-ended";

export interface BrokerHooks {
  /** Once, before anything else. */
  onAttach?(host: HookHost): void;
  /**
   * May this client come in at all, whoever it is? Asked before authentication, when its user name is what CONNECT says, and
   * once more after it when that gave it another user name or Client Identifier. The first refusal decides.
   */
  authorizeConnect?(client: Client): ReasonCode | Verdict | undefined;
  /**
   * Who is this? The first answer other than undefined decides. When hooks of this kind exist and none decides, the
   * client is refused, with 0x86 when it sent a user name or a password, as if these were wrong, else with 0x87; when none
   * exists, everybody may come in.
   */
  authenticate?(request: AuthenticateRequest): MaybePromise<ReasonCode | Verdict | undefined>;
  /**
   * For clients with an Authentication Method. The first hook that answers takes the whole exchange. None: 0x8C.
   */
  authenticateEnhanced?(step: EnhancedAuthenticateStep): MaybePromise<EnhancedAuthenticateAnswer | undefined>;
  /**
   * May this client publish to this topic? The first refusal decides, and then nobody else is asked. For rules about topics:
   * the answer must depend on its arguments only, until `HookHost.permissionsChanged` is called, and is remembered for the
   * topics that a client published to last; so it costs next to nothing per message. Asked at CONNECT for the will as well.
   */
  permitPublish?(principal: Principal, topicName: string, qos: QoS, retain: boolean): ReasonCode | undefined;
  /** The same for each message, whatever it depends on. The first refusal decides. At CONNECT for the will as well. */
  authorizePublish?(publish: IncomingPublish): MaybePromise<ReasonCode | undefined>;
  /** The first refusal decides. 0, 1 and 2 allow at most that QoS; undefined allows what was asked for. */
  authorizeSubscribe?(client: Client, subscription: SubscriptionRequest): MaybePromise<ReasonCode | undefined>;
  /**
   * May messages of this topic go to this client, whatever it has subscribed to? The first refusal decides. Asked when a
   * topic is resolved to its receivers, not for each message: the answer must depend on its arguments only, until
   * `HookHost.permissionsChanged` is called; for retained messages and before what has waited in a queue is sent. A session
   * that was recovered from a store is asked about once its client is back.
   */
  authorizeReceive?(principal: Principal, topicName: string): ReasonCode | undefined;
  /** After CONNACK. */
  onConnect?(client: Client, sessionPresent: boolean): void;
  /** Once for each `onConnect`. */
  onDisconnect?(client: Client, reason: { reasonCode: ReasonCode; byServer: boolean; error?: Error }): void;
  /** Allowed and about to be routed: may refuse, change, or hold the acknowledgement. */
  onPublish?(publish: IncomingPublish): MaybePromise<ReasonCode | PublishChange | undefined>;
  /** After the subscription was made. */
  onSubscribe?(client: Client, subscription: SubscriptionRequest, grantedQoS: QoS): void;
  onUnsubscribe?(client: Client, topicFilter: string): void;
  /** A message is about to go to a client, now or through its queue. 0x80 and above: it does not get it. */
  onDelivery?(clientIdentifier: string, message: ApplicationMessage): ReasonCode | undefined;
  onDrop?(clientIdentifier: string | undefined, message: ApplicationMessage, reason: DropReason): void;
}
