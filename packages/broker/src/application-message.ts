/**
 * One Application Message on its way through the broker (MQTT 5.0 section 3.3), as offsets into the bytes that came in.
 * Shared by everyone it goes to and never changed once routed. Encodings for other receivers are made once each and
 * kept. Until `own` is called the bytes are the reader's, valid only during the call that delivers them.
 */
import {
  decodePublishProperties,
  type ProtocolVersion,
  type PublishPacket,
  type PublishView,
  type QoS,
  variableByteIntegerLength,
  writeVariableByteInteger,
} from "@tidings/packet";
import type { StoredMessage } from "@tidings/session";
import { allocateBytes, copyBytes } from "./copy-bytes.js";
import { Delivery } from "./delivery.js";
import { REFERENCED_PAYLOAD_BYTES_MIN } from "./outbound-buffer.js";
import { PublishFrame } from "./publish-frame.js";
import type { Route } from "./route.js";

/** What the objects around a message count as. */
export const MESSAGE_OVERHEAD_BYTES = 200;

export class ApplicationMessage {
  readonly topicName: string;
  /** UTF-8 of the name. */
  readonly topicBytes: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Milliseconds since 1970; Infinity: never. */
  readonly expiresAtMs: number;
  /** What a store called it; 0: not stored. */
  messageNumber = 0;

  private bytes: Uint8Array;
  private owned: boolean;
  private propertiesStart: number;
  private propertiesEnd: number;
  /** The Topic Alias property inside the properties, which is not passed on; equal when there is none. */
  private cutStart: number;
  private cutEnd: number;
  private payloadStart: number;
  private payloadEnd: number;
  private messageExpiryOffset: number;
  // One slot for each encoding: version class times "has a packet identifier".
  private frame3: PublishFrame | undefined;
  private frame3Identified: PublishFrame | undefined;
  private frame5: PublishFrame | undefined;
  private frame5Identified: PublishFrame | undefined;
  /** The frame that lies in `bytes`. */
  private native: PublishFrame | undefined;
  private deliveries: (Delivery | undefined)[] | undefined;

  /** `view` was read from a packet of `version`; `route` is what its topic resolved to. */
  constructor(
    view: PublishView,
    version: ProtocolVersion,
    route: Route,
    /** Client Identifier of the publisher, for No Local; undefined when the host process publishes. */
    readonly publisherIdentifier: string | undefined,
    nowMs: number,
    /** In place of what the Message Expiry Interval says: for a message that has been waiting in a store. */
    expiresAtMs?: number,
  ) {
    this.topicName = route.topicName;
    this.topicBytes = route.topicBytes;
    this.qos = view.qos as QoS;
    this.retain = view.retain;
    this.expiresAtMs =
      expiresAtMs ??
      (view.messageExpiryInterval < 0 ? Number.POSITIVE_INFINITY : nowMs + view.messageExpiryInterval * 1000);
    this.bytes = view.bytes;
    this.owned = false;
    this.propertiesStart = view.propertiesStart;
    this.propertiesEnd = view.propertiesEnd;
    const aliased = view.topicAlias > 0;
    this.cutStart = aliased ? view.topicAliasStart : view.propertiesStart;
    this.cutEnd = aliased ? view.topicAliasEnd : view.propertiesStart;
    this.payloadStart = view.payloadStart;
    this.payloadEnd = view.end;
    this.messageExpiryOffset = view.messageExpiryOffset;
    this.frame3 = undefined;
    this.frame3Identified = undefined;
    this.frame5 = undefined;
    this.frame5Identified = undefined;
    this.deliveries = undefined;
    this.native = undefined;
    if (!aliased) {
      // The packet as it came serves every receiver of the same version and kind.
      const identifierOffset = view.qos > 0 ? view.topicEnd : -1;
      this.native = new PublishFrame(
        view.bytes,
        view.start,
        view.payloadStart,
        view.end,
        identifierOffset,
        view.messageExpiryOffset,
      );
      this.keepFrame(version === 5, view.qos > 0, this.native);
    }
  }

  get payloadBytes(): number {
    return this.payloadEnd - this.payloadStart;
  }

  /** A view; copy what you keep beyond the call, or call `own` first. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.payloadEnd);
  }

  /** The properties of 5.0 that are passed on, decoded on every call; undefined when there are none. */
  get properties(): PublishPacket["properties"] {
    const length = this.propertiesLength;
    const bytes = new Uint8Array(variableByteIntegerLength(length) + length);
    this.writeProperties(bytes, writeVariableByteInteger(length, bytes, 0));
    return decodePublishProperties(bytes, 0, bytes.length);
  }

  /** What the message counts as in a queue: all its bytes and the objects around them. */
  get sizeBytes(): number {
    return (
      this.topicBytes.length + this.propertiesLength + this.payloadEnd - this.payloadStart + MESSAGE_OVERHEAD_BYTES
    );
  }

  get propertiesLength(): number {
    return this.propertiesEnd - this.propertiesStart - (this.cutEnd - this.cutStart);
  }

  get isOwned(): boolean {
    return this.owned;
  }

  /** Copies what has to outlive the call, once. Everything that keeps a message calls it. */
  own(): void {
    if (this.owned) return;
    this.owned = true;
    const from = this.native === undefined ? this.propertiesStart : this.native.start;
    const bytes = allocateBytes(this.payloadEnd - from);
    copyBytes(this.bytes, from, this.payloadEnd, bytes, 0);
    this.native?.rebase(bytes, -from);
    this.rebase(bytes, -from);
  }

  /** The encoding for receivers of 5.0 or of 3.x, with or without a packet identifier; made once. */
  frame(version5: boolean, identified: boolean): PublishFrame {
    const kept = version5
      ? identified
        ? this.frame5Identified
        : this.frame5
      : identified
        ? this.frame3Identified
        : this.frame3;
    return kept ?? this.keepFrame(version5, identified, this.encode(version5, identified));
  }

  /** As a store keeps it. The payload is a view of bytes that never change. */
  stored(): StoredMessage {
    this.own();
    const properties = new Uint8Array(this.propertiesLength);
    this.writeProperties(properties, 0);
    const { topicName, qos, expiresAtMs, publisherIdentifier } = this;
    return { topicName, payload: this.payload, properties, qos, expiresAtMs, publisherIdentifier };
  }

  /** The delivery that every session without subscription identifiers of its own can share. */
  delivery(qos: QoS, retain: boolean): Delivery {
    const index = qos * 2 + (retain ? 1 : 0);
    if (this.deliveries === undefined)
      this.deliveries = [undefined, undefined, undefined, undefined, undefined, undefined];
    return (this.deliveries[index] ??= new Delivery(this, qos, retain, undefined, 0, undefined));
  }

  /** Writes the passed-on properties, without their length. */
  writeProperties(target: Uint8Array, at: number): number {
    const behind = copyBytes(this.bytes, this.propertiesStart, this.cutStart, target, at);
    return copyBytes(this.bytes, this.cutEnd, this.propertiesEnd, target, behind);
  }

  /** Where the Message Expiry Interval's value stands inside what `writeProperties` writes; -1: there is none. */
  get messageExpiryAt(): number {
    if (this.messageExpiryOffset < 0) return -1;
    const at = this.messageExpiryOffset - this.propertiesStart;
    return this.messageExpiryOffset > this.cutStart ? at - (this.cutEnd - this.cutStart) : at;
  }

  /** Writes the topic with its length. */
  writeTopic(target: Uint8Array, at: number): number {
    target[at++] = this.topicBytes.length >> 8;
    target[at++] = this.topicBytes.length & 0xff;
    return copyBytes(this.topicBytes, 0, this.topicBytes.length, target, at);
  }

  get topicLength(): number {
    return this.topicBytes.length;
  }

  writePayload(target: Uint8Array, at: number): number {
    return copyBytes(this.bytes, this.payloadStart, this.payloadEnd, target, at);
  }

  /** Whole seconds left, at least 1 while the message has not expired [MQTT-3.3.2-6]. */
  remainingSeconds(nowMs: number): number {
    return Math.max(0, Math.ceil((this.expiresAtMs - nowMs) / 1000));
  }

  private encode(version5: boolean, identified: boolean): PublishFrame {
    const payloadBytes = this.payloadBytes;
    const inline = payloadBytes < REFERENCED_PAYLOAD_BYTES_MIN;
    const propertiesLength = this.propertiesLength;
    const remaining =
      2 +
      this.topicBytes.length +
      (identified ? 2 : 0) +
      (version5 ? variableByteIntegerLength(propertiesLength) + propertiesLength : 0) +
      payloadBytes;
    const bytes = allocateBytes(1 + variableByteIntegerLength(remaining) + remaining - (inline ? 0 : payloadBytes));
    bytes[0] = 0x30;
    let at = this.writeTopic(bytes, writeVariableByteInteger(remaining, bytes, 1));
    const identifierOffset = identified ? at : -1;
    if (identified) at += 2;
    let messageExpiryOffset = -1;
    if (version5) {
      at = writeVariableByteInteger(propertiesLength, bytes, at);
      if (this.messageExpiryAt >= 0) messageExpiryOffset = at + this.messageExpiryAt;
      at = this.writeProperties(bytes, at);
    }
    const end = inline ? this.writePayload(bytes, at) : at;
    return new PublishFrame(bytes, 0, at, end, identifierOffset, messageExpiryOffset);
  }

  private keepFrame(version5: boolean, identified: boolean, frame: PublishFrame): PublishFrame {
    if (version5) {
      if (identified) this.frame5Identified = frame;
      else this.frame5 = frame;
    } else if (identified) this.frame3Identified = frame;
    else this.frame3 = frame;
    return frame;
  }

  private rebase(bytes: Uint8Array, by: number): void {
    this.bytes = bytes;
    this.propertiesStart += by;
    this.propertiesEnd += by;
    this.cutStart += by;
    this.cutEnd += by;
    this.payloadStart += by;
    this.payloadEnd += by;
    if (this.messageExpiryOffset >= 0) this.messageExpiryOffset += by;
  }
}
