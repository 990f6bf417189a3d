/**
 * Sees what the broker does, for counters and logs. Every method is optional; a broker without an observer does not
 * look for one more than once per event.
 */
import type { PacketError } from "@tidings/packet";
import type { Client } from "./client.js";
import type { DropReason } from "./hooks.js";

export interface BrokerObserver {
  /** A peer broke the protocol or its limits; it is being closed. */
  protocolError?(client: Client, error: PacketError): void;
  /** A hook failed, or the broker itself did. The connection concerned is being closed or the request refused. */
  failure?(client: Client | undefined, error: unknown): void;
  connectionOpened?(client: Client): void;
  connectionRefused?(client: Client, reasonCode: number): void;
  connectionClosed?(client: Client): void;
  sessionEnded?(clientIdentifier: string): void;
  /** The store can do no more: every connection is being closed, and no other one is taken. `failure` is told as well. */
  storeFailed?(error: Error): void;
  /** The store is short of room, or not any more. While it is, QoS 1 and 2 publishes are refused with 0x97. */
  storeRoomChanged?(hasRoom: boolean): void;
  /** The broker holds more than `memoryBytesMax` or `processMemoryBytesMax` allows, or not any more. */
  memoryPressureChanged?(isShort: boolean): void;
  messageDropped?(clientIdentifier: string | undefined, reason: DropReason): void;
}
