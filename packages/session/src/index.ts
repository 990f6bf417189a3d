export { Awaiting, InFlightWindow } from "./in-flight-window.js";
export { InboundDelivery } from "./inbound-delivery.js";
export { InboundTopicAliases } from "./inbound-topic-aliases.js";
export { MemorySessionStore } from "./memory-session-store.js";
export {
  MessageQueue,
  type QueueEntry,
  type QueueFullPolicy,
  type QueueLimits,
  type QueueOwner,
} from "./message-queue.js";
export {
  type Delivery,
  type DeliveryDropReason,
  type DeliveryPort,
  OutboundDelivery,
} from "./outbound-delivery.js";
export { OutboundTopicAliases } from "./outbound-topic-aliases.js";
export { PagedMessageQueue, type QueuePager } from "./paged-message-queue.js";
export { ReceiveQuota } from "./receive-quota.js";
export { RECEIVE_MAXIMUM_DEFAULT, SendQuota } from "./send-quota.js";
export type {
  QueuePageLimits,
  RecoveredDelivery,
  RecoveryVisitor,
  SessionStore,
  StorableMessage,
  StoredDelivery,
  StoredMessage,
  StoredSession,
  StoredSubscription,
  StoredWill,
  Ticket,
} from "./session-store.js";
export { createVolatileSessionStore } from "./volatile-session-store.js";
