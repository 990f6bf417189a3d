/** A message as the publish form edits it, for PUBLISH, the Will Message and requests (MQTT 5.0 sections 3.3.2.3 and 3.1.3.2). */

import type { PublishProperties } from "@tidings/client";
import { isTopicName } from "@tidings/topic";
import { FormError } from "./form-error.js";
import type { QoS } from "./message-record.js";
import { parseCorrelation } from "./parse-correlation.js";
import { parsePayload, type TypedFormat } from "./parse-payload.js";
import { parseUserProperties } from "./parse-user-properties.js";

export interface PublishFields {
  topic: string;
  payload: string;
  payloadFormat: TypedFormat;
  qos: QoS;
  retain: boolean;
  /** Says in the properties that the payload is UTF-8 text. */
  payloadFormatIndicator: boolean;
  /** Seconds; undefined: never expires. */
  messageExpiryInterval: number | undefined;
  contentType: string;
  responseTopic: string;
  /** Text, or hex after `0x`. */
  correlationData: string;
  /** A line each: name, `=`, value. */
  userProperties: string;
}

export const DEFAULT_PUBLISH_FIELDS: PublishFields = {
  topic: "",
  payload: "",
  payloadFormat: "text",
  qos: 0,
  retain: false,
  payloadFormatIndicator: false,
  messageExpiryInterval: undefined,
  contentType: "",
  responseTopic: "",
  correlationData: "",
  userProperties: "",
};

export interface PublishRequest {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties;
}

/** Throws a `FormError`. Before 5.0 there are no properties, so they are left out. */
export function readPublishFields(fields: PublishFields, protocolVersion: 3 | 4 | 5): PublishRequest {
  checkTopic("topic", fields.topic);
  return {
    topic: fields.topic,
    payload: parsePayload(fields.payload, fields.payloadFormat),
    qos: fields.qos,
    retain: fields.retain,
    properties: protocolVersion === 5 ? readProperties(fields) : {},
  };
}

function readProperties(fields: PublishFields): PublishProperties {
  const userProperties = parseUserProperties(fields.userProperties);
  if (fields.responseTopic !== "") checkTopic("responseTopic", fields.responseTopic);
  return {
    ...(fields.payloadFormatIndicator && { payloadFormatIndicator: 1 }),
    ...(fields.messageExpiryInterval !== undefined && { messageExpiryInterval: fields.messageExpiryInterval }),
    ...(fields.contentType !== "" && { contentType: fields.contentType }),
    ...(fields.responseTopic !== "" && { responseTopic: fields.responseTopic }),
    ...(fields.correlationData !== "" && { correlationData: parseCorrelation(fields.correlationData) }),
    ...(userProperties.length > 0 && { userProperties }),
  };
}

function checkTopic(field: string, topic: string): void {
  if (topic === "") throw new FormError(field, "A topic is needed, such as home/kitchen/light.");
  if (!isTopicName(topic)) throw new FormError(field, `"${topic}" cannot be a topic: no + or #, at most 65,535 bytes.`);
}
