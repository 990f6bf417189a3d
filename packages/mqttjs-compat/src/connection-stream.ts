/** `client.stream`: what programs of MQTT.js do with the stream of a connection, to end it or to hear of its end. */
import type { ByteStream } from "@tidings/transport";
import { Emitter } from "./emitter.js";

type ConnectionStreamEvents = { close: () => void; error: (error: Error) => void };

/** Its bytes stay with the client. */
export class ConnectionStream extends Emitter<ConnectionStreamEvents> {
  destroyed = false;
  readonly #stream: ByteStream;

  constructor(stream: ByteStream) {
    super();
    this.#stream = stream;
  }

  /** Closes at once, without DISCONNECT; what is under way is lost, and sent again with the next connection. */
  destroy(): this {
    this.destroyed = true;
    this.#stream.destroy();
    return this;
  }

  /** Closes behind what was written, without DISCONNECT. */
  end(): this {
    this.#stream.end();
    return this;
  }
}
