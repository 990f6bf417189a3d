/**
 * An Application Message as it came from the server (MQTT 5.0 section 3.3). Its payload begins as a view of the bytes that came
 * in, and lets go of them with the first look at it.
 */
import { type PublishPacket, type QoS, readUtf8 } from "@tidings/packet";
import { ClientError } from "./client-error.js";

/** Properties of a PUBLISH that a receiver can see: all but the Topic Alias. */
export type MessageProperties = Omit<NonNullable<PublishPacket["properties"]>, "topicAlias">;

/** Where an acknowledgement goes. */
export interface MessageOwner {
  /** `message.reasonCode` was set. */
  acknowledge(message: Message): void;
}

/** The failures of PUBACK and PUBREC [MQTT-3.4.2-1] [MQTT-3.5.2-1]. */
const REJECTIONS: ReadonlySet<number> = new Set([0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);
export const NO_PROPERTIES: MessageProperties = Object.freeze({});
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A received message. */
export class Message {
  readonly topic: string;
  /** The QoS it was delivered with. */
  readonly qos: QoS;
  /** It was retained when the subscription was made, or with Retain As Published: as the publisher set it. */
  readonly retain: boolean;
  /** The server may have sent it before. */
  readonly dup: boolean;
  /** @internal 0 with QoS 0. */
  readonly packetIdentifier: number;
  /** @internal The Reason Code to acknowledge with; -1: not yet. */
  reasonCode = -1;
  /** @internal Subscriptions that have not dealt with it. */
  pending = 0;
  /** @internal `ack` is the application's business. */
  isManual = false;
  /** Empty before 5.0. */
  readonly properties: MessageProperties;
  #bytes: Uint8Array;
  #payloadStart: number;
  #end: number;
  #owner: MessageOwner | undefined;

  /** @internal `bytes` are never written to again. */
  constructor(
    topic: string,
    qos: number,
    retain: boolean,
    dup: boolean,
    packetIdentifier: number,
    properties: MessageProperties,
    bytes: Uint8Array,
    payloadStart: number,
    end: number,
    owner: MessageOwner | undefined,
  ) {
    this.topic = topic;
    this.qos = qos as QoS;
    this.retain = retain;
    this.dup = dup;
    this.packetIdentifier = packetIdentifier;
    this.properties = properties;
    this.#bytes = bytes;
    this.#payloadStart = payloadStart;
    this.#end = end;
    this.#owner = owner;
  }

  /** Bytes of the payload. */
  get payloadLength(): number {
    return this.#end - this.#payloadStart;
  }

  /** The application's to keep and to change. */
  get payload(): Uint8Array {
    const bytes = this.#bytes;
    const payloadStart = this.#payloadStart;
    const end = this.#end;
    if (payloadStart === 0 && end === bytes.length) return bytes;
    const length = end - payloadStart;
    // A small message must not keep a large chunk of input alive.
    this.#bytes =
      length * 2 >= bytes.buffer.byteLength
        ? bytes.subarray(payloadStart, end)
        : new Uint8Array(bytes.subarray(payloadStart, end)); // a Buffer's own slice would be a view
    this.#payloadStart = 0;
    this.#end = length;
    return this.#bytes;
  }

  /** The payload as UTF-8 text. What is not UTF-8 becomes U+FFFD. */
  text(): string {
    const bytes = this.#bytes;
    const payloadStart = this.#payloadStart;
    const end = this.#end;
    if (end - payloadStart <= 256) {
      try {
        return readUtf8(bytes, payloadStart, end);
      } catch {
        // Not well-formed, or with U+0000: the decoder below is more lenient.
      }
    }
    return utf8.decode(bytes.subarray(payloadStart, end));
  }

  /** The payload as JSON. Throws `SyntaxError`. */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /**
   * With `acknowledge: "manual"`: the message was dealt with. The server gets its acknowledgement when all messages that
   * came before have theirs (section 4.6). A second call, and one with QoS 0, does nothing.
   */
  ack(): void {
    this.#settle(0);
  }

  /**
   * Acknowledges with a failure of section 3.4.2.1, by default Unspecified error: the server will not send the message again. 3.1 and
   * 3.1.1 cannot say so, and get a plain acknowledgement.
   */
  reject(reasonCode = 0x80): void {
    if (!REJECTIONS.has(reasonCode)) {
      const message = `A message cannot be rejected with ${reasonCode}: see section 3.4.2.1.`;
      throw new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", message);
    }
    this.#settle(reasonCode);
  }

  /** @internal The connection it came on is over: nobody waits for an acknowledgement of this copy. */
  disown(): void {
    this.#owner = undefined;
  }

  /** @internal The server has sent it again: this is where the acknowledgement of this copy goes now. */
  adopt(owner: MessageOwner): void {
    this.#owner = owner;
  }

  /** @internal One of its subscriptions has dealt with it. */
  taken(reasonCode: number): void {
    if (reasonCode !== 0) this.pending = 1;
    this.pending -= 1;
    if (this.pending <= 0 && !this.isManual) this.#settle(reasonCode);
  }

  #settle(reasonCode: number): void {
    if (this.qos === 0 || this.reasonCode >= 0) return;
    this.reasonCode = reasonCode;
    this.#owner?.acknowledge(this);
  }
}
