/** The default export: what programs call `mqtt`. */
import { connect, connectAsync } from "./connect.js";
import { ErrorWithReasonCode, ErrorWithSubackPacket } from "./errors.js";
import { MqttClient } from "./mqtt-client.js";
import { ReasonCodes } from "./reason-codes.js";

export const mqtt = {
  connect,
  connectAsync,
  MqttClient,
  Client: MqttClient,
  ReasonCodes,
  ErrorWithReasonCode,
  ErrorWithSubackPacket,
};
