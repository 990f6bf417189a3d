/** A message of ours on its way to the server, from `publish` until it is acknowledged or given up. */
import type { PublishPacket, QoS, UserProperty } from "@tidings/packet";
import type { Delivery, StorableMessage, StoredMessage } from "@tidings/session";
import type { ClientError } from "./client-error.js";

/** Properties that a publisher may set: the client cares for the Topic Alias itself [MQTT-3.3.4-6]. */
export type PublishProperties = Omit<
  NonNullable<PublishPacket["properties"]>,
  "topicAlias" | "subscriptionIdentifiers"
>;

/** How a publish ended well. */
export interface PublishResult {
  /** 0x00, or 0x10 when nobody has subscribed to the topic. 0 with QoS 0, in 3.1 and in 3.1.1. */
  readonly reasonCode: number;
  readonly reasonString?: string;
  readonly userProperties?: readonly UserProperty[];
}

/** Who waits for the end of it. */
export interface PublishCompletion {
  resolve(result: PublishResult): void;
  reject(error: ClientError): void;
}

const NO_BYTES = new Uint8Array(0);
/** What a queued message costs beside its payload, roughly, in bytes. */
const OVERHEAD_BYTES = 128;

export class OutgoingMessage implements Delivery, StorableMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
  readonly expiresAtMs: number;
  readonly sizeBytes: number;
  /** Undefined for one that an earlier life of the process has left. */
  completion: PublishCompletion | undefined;
  /** Why it was given up, told before `completed`. */
  failure: ClientError | undefined;
  /** For the store; 0: not told. */
  deliveryNumber = 0;
  messageNumber = 0;
  /** Set before a store asks for the content. */
  encodeProperties: ((properties: PublishProperties | undefined) => Uint8Array) | undefined;

  constructor(
    topicName: string,
    payload: Uint8Array,
    qos: QoS,
    retain: boolean,
    properties: PublishProperties | undefined,
    expiresAtMs: number,
    completion: PublishCompletion | undefined,
  ) {
    this.topicName = topicName;
    this.payload = payload;
    this.qos = qos;
    this.retain = retain;
    this.properties = properties;
    this.expiresAtMs = expiresAtMs;
    this.completion = completion;
    this.sizeBytes = payload.length + topicName.length + OVERHEAD_BYTES;
  }

  /** The content for a store, which keeps it. */
  stored(): StoredMessage {
    return {
      topicName: this.topicName,
      payload: new Uint8Array(this.payload),
      properties: this.encodeProperties?.(this.properties) ?? NO_BYTES,
      qos: this.qos,
      expiresAtMs: this.expiresAtMs,
      publisherIdentifier: undefined,
    };
  }
}
