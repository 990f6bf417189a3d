export { BlockPool } from "./block-pool.js";
export { ClientConnection, type ClientConnectionHost, type ClientConnectionOptions } from "./client-connection.js";
export { ClientError, type ClientErrorCode, type ClientErrorDetails } from "./client-error.js";
export { ClientSession, type ClientSessionHost, type ClientSessionOptions } from "./client-session.js";
export { type ClientSessionStore, clientSessionStore } from "./client-session-store.js";
export {
  type ControlRequest,
  type RequestCompletion,
  type SubscribeParts,
  SubscribeRequest,
  UnsubscribeRequest,
} from "./control-request.js";
export { Message, type MessageProperties } from "./message.js";
export {
  OutgoingMessage,
  type PublishCompletion,
  type PublishProperties,
  type PublishResult,
} from "./outgoing-message.js";
export type { ServerInfo } from "./server-info.js";
