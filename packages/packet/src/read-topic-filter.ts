/** Reads a Topic Filter (MQTT 5.0 section 4.7, 3.1.1 section 4.7). Where it has its wildcards is not checked here. */
import type { ByteReader } from "./byte-reader.js";
import { protocolError } from "./packet-error.js";

export function readTopicFilter(reader: ByteReader): string {
  const topicFilter = reader.readString();
  if (topicFilter === "") throw protocolError("Topic Filter is empty"); // [MQTT-4.7.3-1]
  return topicFilter;
}
