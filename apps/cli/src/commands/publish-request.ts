/** What `pub` is asked to do. */
import type { Properties, QoS } from "@tidings/packet";
import type { ConnectionSettings } from "../connection/connection-settings.js";

export type MessageSource =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string }
  /** The whole of stdin. */
  | { readonly kind: "stdin" }
  /** Each line of stdin. */
  | { readonly kind: "lines" };

export interface PublishRequest {
  readonly connection: ConnectionSettings;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: Properties;
  readonly source: MessageSource;
  /** How often the message is sent; not for lines. */
  readonly repeat: number;
  readonly repeatDelayMs: number;
  /** QoS > 0 messages under way at once, for lines. */
  readonly inFlightMax: number;
}
