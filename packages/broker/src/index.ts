export type { ApplicationMessage } from "./application-message.js";
export { Broker, type PublishResult } from "./broker.js";
export type { BrokerCounters, PacketCounters } from "./broker-counters.js";
export type { BrokerDepths } from "./broker-depths.js";
export {
  BROKER_LIMITS_DEFAULT,
  type BrokerLimits,
  type BrokerOptions,
  type ChangeableLimits,
} from "./broker-options.js";
export type { Client, DisconnectDetails } from "./client.js";
export type { Connection } from "./connection.js";
export type { ConnectionHost } from "./connection-host.js";
export { firstInOrder } from "./first-in-order.js";
export type {
  AuthenticateRequest,
  BrokerHooks,
  DropReason,
  EnhancedAuthenticateAnswer,
  EnhancedAuthenticateStep,
  HookHost,
  IncomingPublish,
  MaybePromise,
  PublishChange,
  Verdict,
} from "./hooks.js";
export type { HostMessage } from "./host-message.js";
export { LATENCY_BOUNDS_MS, type LatencyHistogram } from "./latency-histogram.js";
export { type ConnectionLimits, type ListenerFacts, mountPointProblem } from "./listener-facts.js";
export type { LocalDelivery, LocalSubscription, LocalSubscriptionOptions } from "./local-subscription.js";
export type { MessageTracer } from "./message-tracer.js";
export type { BrokerObserver } from "./observer.js";
export type { Permissions, Principal } from "./principal.js";
export type { SessionEntry } from "./session-entry.js";
export type { SharedSubscriptionStrategy } from "./shared-group.js";
export { type Scheduler, StreamHost } from "./stream-host.js";
export type { SubscriptionEntry } from "./subscription-entry.js";
