/** The default export: what programs call `mqtt`. */
import { connect, connectAsync } from "./connect.js";
import { ErrorWithReasonCode, ErrorWithSubackPacket } from "./errors.js";
import { DefaultMessageIdProvider, UniqueMessageIdProvider } from "./message-id-provider.js";
import { MqttClient } from "./mqtt-client.js";
import { ReasonCodes } from "./reason-codes.js";
import { Store } from "./store.js";
import { validateTopic, validateTopics } from "./validate-topics.js";

export const mqtt = {
  connect,
  connectAsync,
  MqttClient,
  Client: MqttClient,
  Store,
  DefaultMessageIdProvider,
  UniqueMessageIdProvider,
  ReasonCodes,
  ErrorWithReasonCode,
  ErrorWithSubackPacket,
  validateTopic,
  validateTopics,
};
