/** One Application Message as the page keeps it: its own bytes, bounded, with what the list and the views need. */
import type { Message, MessageProperties } from "@tidings/client";

export type QoS = Message["qos"];

/** What a record is made of. */
export interface ObservedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup?: boolean;
  readonly properties?: MessageProperties;
}

export interface MessageRecord {
  /** Counts up from 1 over everything the page has seen; never reused. */
  readonly sequence: number;
  readonly atMs: number;
  readonly direction: "received" | "sent";
  readonly topic: string;
  /** The first bytes, as many as the limit allows. Owned by the record. */
  readonly payload: Uint8Array;
  /** Length of the payload as it came. */
  readonly payloadBytes: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly properties: MessageProperties | undefined;
  /** Of the Subscription that brought it: a place in the palette; -1 for none. */
  colour: number;
}

interface RecordOrigin {
  readonly sequence: number;
  readonly atMs: number;
  readonly direction: MessageRecord["direction"];
  readonly colour: number;
  /** Longer payloads are cut for keeping. */
  readonly payloadBytesMax: number;
}

/** Copies the payload: what came from the network is a view that would pin its whole chunk. */
export function createRecord(message: ObservedMessage, origin: RecordOrigin): MessageRecord {
  const { properties } = message;
  return {
    sequence: origin.sequence,
    atMs: origin.atMs,
    direction: origin.direction,
    topic: message.topic,
    payload: message.payload.slice(0, origin.payloadBytesMax),
    payloadBytes: message.payload.length,
    qos: message.qos,
    retain: message.retain,
    dup: message.dup === true,
    properties: properties && Object.keys(properties).length > 0 ? properties : undefined,
    colour: origin.colour,
  };
}

/** About what an engine needs for the objects and numbers of a record. */
const OVERHEAD_BYTES = 256;

/** What a record costs in memory, nearly: characters count twice. */
export function sizeOfRecord({ payload, topic, properties }: MessageRecord): number {
  return OVERHEAD_BYTES + payload.length + 2 * topic.length + (properties ? sizeOfProperties(properties) : 0);
}

function sizeOfProperties(properties: MessageProperties): number {
  const { contentType = "", responseTopic = "", correlationData, userProperties = [] } = properties;
  let bytes = OVERHEAD_BYTES + 2 * (contentType.length + responseTopic.length) + (correlationData?.length ?? 0);
  for (const [name, value] of userProperties) bytes += 64 + 2 * (name.length + value.length);
  return bytes;
}
