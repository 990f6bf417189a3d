/**
 * Follows messages through the broker, step by step, for as long as somebody looks: `Broker.tracer` is undefined else, and
 * each step costs one comparison. Called within the turn that makes the step; a method must not throw, and must not keep
 * the bytes of a message without a copy.
 *
 * The way of a message: `received`, then `authorized` or `refused`, `changed` where a hook did so, `matched`, and for each
 * receiver `queued`, `sent` or `dropped`. Acknowledgements carry an identifier and no message: that of `received` for those
 * the publisher gets, of `sent` for those that receivers send.
 */
import type { QoS } from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { AcknowledgementType } from "./connection.js";
import type { DropReason } from "./hooks.js";

export interface MessageTracer {
  /** `packetIdentifier` is 0 for QoS 0, for a will, and for what the host process publishes. */
  received(message: ApplicationMessage, packetIdentifier: number): void;
  authorized(message: ApplicationMessage): void;
  refused(message: ApplicationMessage, reasonCode: number): void;
  /** A hook has put another message in its place. */
  changed(before: ApplicationMessage, after: ApplicationMessage): void;
  /** `receivers` counts each subscriber once, and each shared subscription. */
  matched(message: ApplicationMessage, receivers: number): void;
  /** It waits for its turn, or for its receiver to come back. */
  queued(message: ApplicationMessage, receiverIdentifier: string, qos: QoS): void;
  /** `packetIdentifier` is 0 for QoS 0. */
  sent(message: ApplicationMessage, receiverIdentifier: string, qos: QoS, packetIdentifier: number, dup: boolean): void;
  dropped(message: ApplicationMessage, clientIdentifier: string | undefined, reason: DropReason): void;
  acknowledgementSent(
    clientIdentifier: string,
    type: AcknowledgementType,
    packetIdentifier: number,
    reasonCode: number,
  ): void;
  acknowledgementReceived(
    clientIdentifier: string,
    type: AcknowledgementType,
    packetIdentifier: number,
    reasonCode: number,
  ): void;
}
