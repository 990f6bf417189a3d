/** A place that accepts streams. */
export interface Listener {
  /** The bound address: the real port where port 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** The same for people and connectors: `mqtt://127.0.0.1:1883`, `mqtts://…`, `ws://…/mqtt`, `unix:/run/mqtt.sock`. */
  readonly url: string;
  /** Stops accepting; resolves when the address is free. Streams already accepted live on. Idempotent. */
  close(): Promise<void>;
}
