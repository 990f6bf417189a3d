export type { Authentication, Authenticator } from "./authenticator.js";
export type { CloseOptions, PublishOptions, SubscribeOptions } from "./call-options.js";
export type { Client } from "./client.js";
export type { OpenOptions } from "./client-environment.js";
export type { ClientPool, PoolOptions, PoolSubscribeOptions, PoolSubscription } from "./client-pool.js";
export type {
  ConnectAttempt,
  ConnectChanges,
  ConnectOptions,
  ConnectProperties,
  QueueOptions,
  ReconnectOptions,
  WillOptions,
} from "./connect-options.js";
export type { ClientStatus } from "./connector.js";
export { ClientError, type ClientErrorCode } from "./core/client-error.js";
export type { Message, MessageProperties } from "./core/message.js";
export type { PublishProperties, PublishResult } from "./core/outgoing-message.js";
export type { ServerInfo } from "./core/server-info.js";
export { connect, connectPool, createClient } from "./node/connect.js";
export type { RequestOptions } from "./requester.js";
export type { Responder, RespondOptions, Response } from "./respond-to.js";
export { type ScramOptions, scramSha256 } from "./scram-sha-256.js";
export type { MessageHandler, Subscription } from "./subscription.js";
