/**
 * One message on its way to one session, as queues and in-flight windows hold it. Shared between sessions wherever
 * nothing in it differs.
 */
import type { QoS } from "@tidings/packet";
import type { Delivery as SessionDelivery } from "@tidings/session";
import type { ApplicationMessage } from "./application-message.js";
import type { SharedGroup } from "./shared-group.js";

export class Delivery implements SessionDelivery {
  readonly sizeBytes: number;
  readonly expiresAtMs: number;

  constructor(
    readonly message: ApplicationMessage,
    readonly qos: QoS,
    readonly retain: boolean,
    readonly subscriptionIdentifiers: readonly number[] | undefined,
    /** The session's number for it in the store; 0: not stored. */
    readonly deliveryNumber: number,
    /** The shared subscription that chose this session, so that another member can have it if the session ends. */
    readonly group: SharedGroup | undefined,
  ) {
    this.sizeBytes = message.sizeBytes;
    this.expiresAtMs = message.expiresAtMs;
  }
}
