/**
 * One PUBLISH as offsets into its bytes (MQTT 5.0 and 3.1.1 section 3.3): no strings, no payload object. For those who
 * route messages by their bytes; `decodePublish` makes an object instead.
 */
const NO_BYTES = new Uint8Array(0);

/**
 * Filled by `readPublish`, again and again. Every field is an offset into `bytes` unless said otherwise, and holds as
 * long as `bytes` do. After an error the fields are of no use.
 */
export class PublishView {
  bytes: Uint8Array = NO_BYTES;
  /** First byte of the fixed header. */
  start = 0;
  /** Behind the payload. */
  end = 0;
  dup = false;
  /** 0, 1 or 2. */
  qos = 0;
  retain = false;
  /** The Topic Name without its length. Neither its UTF-8 nor its wildcards are checked; it may be empty with an alias. */
  topicStart = 0;
  topicEnd = 0;
  /** 1 to 65535; 0 with QoS 0. */
  packetIdentifier = 0;
  /** The properties without their length. Both are `payloadStart` before 5.0. */
  propertiesStart = 0;
  propertiesEnd = 0;
  payloadStart = 0;
  /** 1 to 65535; 0 when absent. */
  topicAlias = 0;
  /** The whole Topic Alias property, identifier included, for cutting it out; -1 when absent. */
  topicAliasStart = -1;
  topicAliasEnd = -1;
  /** Seconds, 0 to 4,294,967,295; -1 when absent. */
  messageExpiryInterval = -1;
  /** The four bytes of its value; -1 when absent. */
  messageExpiryOffset = -1;
  /** 1: the payload claims to be UTF-8 text (not checked). 0 when absent. */
  payloadFormatIndicator = 0;
  /** Only a server may send one; a server that reads one answers 0x82. [MQTT-3.3.4-6] */
  hasSubscriptionIdentifier = false;
  /** The Response Topic without its length, well-formed, not empty and without wildcards; -1 when absent. */
  responseTopicStart = -1;
  responseTopicEnd = -1;
}
