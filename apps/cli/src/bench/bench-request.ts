/** What `bench` is asked to measure. */
import type { QoS } from "@tidings/packet";
import type { ConnectionSettings } from "../connection/connection-settings.js";

export type BenchKind = "conn" | "pub" | "sub" | "rtt";

export interface BenchRequest {
  readonly kind: BenchKind;
  readonly connection: ConnectionSettings;
  /** Connections that are measured. */
  readonly count: number;
  /** Connections opened per second; 0: as fast as they come. */
  readonly connectionRate: number;
  /** Ends after so long, */
  readonly durationSeconds: number;
  /** or after so many messages from each connection. */
  readonly messagesPerConnection?: number;
  /** Messages per second from each publisher; 0: as fast as they go. */
  readonly rate: number;
  readonly payloadBytes: number;
  readonly qos: QoS;
  /** `%i` is the number of the connection. */
  readonly topic: string;
  /** Messages that each publisher may have under way. */
  readonly inFlightMax: number;
  /** For `sub`: who publishes what the others receive. 0: nobody, somebody else does. */
  readonly publishers: number;
}
