/** What the formatters need to know of a message. */
import type { Properties } from "@tidings/packet";
import type { Moment } from "./strftime.js";

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: number;
  readonly retain: boolean;
  /** Only above QoS 0. */
  readonly packetIdentifier?: number;
  readonly properties?: Properties;
  readonly receivedAt: Moment;
}
