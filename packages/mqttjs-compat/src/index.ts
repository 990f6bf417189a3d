export type {
  AckHandler,
  IClientOptions,
  IClientPublishOptions,
  IClientSubscribeOptions,
  IClientUnsubscribeOptions,
  IDisconnectOptions,
  ISubscriptionGrant,
  ISubscriptionMap,
  MqttProtocol,
} from "./client-options.js";
export { connect, connectAsync } from "./connect.js";
export { ErrorWithReasonCode, ErrorWithSubackPacket } from "./errors.js";
export type {
  ClientSubscribeCallback,
  DoneCallback,
  MqttClientEventCallbacks,
  OnConnectCallback,
  OnDisconnectCallback,
  OnErrorCallback,
  OnMessageCallback,
  OnPacketCallback,
  PacketCallback,
  VoidCallback,
} from "./events.js";
export {
  DefaultMessageIdProvider,
  type IMessageIdProvider,
  UniqueMessageIdProvider,
} from "./message-id-provider.js";
export { mqtt as default } from "./mqtt.js";
export { MqttClient, MqttClient as Client } from "./mqtt-client.js";
export type { StreamBuilder } from "./open-streams.js";
export type {
  IAuthPacket,
  IConnackPacket,
  IConnectPacket,
  IConnectProperties,
  IDisconnectPacket,
  IPingreqPacket,
  IPingrespPacket,
  IPubackPacket,
  IPubcompPacket,
  IPublishPacket,
  IPublishProperties,
  IPubrecPacket,
  IPubrelPacket,
  ISubackPacket,
  ISubscribePacket,
  ISubscription,
  IUnsubackPacket,
  IUnsubscribePacket,
  IWill,
  Packet,
  QoS,
  UserProperties,
} from "./packets.js";
export { ReasonCodes } from "./reason-codes.js";
export { type IStore, type IStoreOptions, Store } from "./store.js";
export { validateTopic, validateTopics } from "./validate-topics.js";
