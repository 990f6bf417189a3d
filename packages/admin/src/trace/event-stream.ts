/** Server-sent events to one reader. Never waits for it: what it is too slow for is left out, counted, and told later. */
import type { ServerResponse } from "node:http";

const HEARTBEAT_MS = 15_000;

export class EventStream {
  private leftOut = 0;
  private isCorked = false;
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    headers: Readonly<Record<string, string>>,
    private readonly bufferBytesMax: number,
  ) {
    response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8" });
    response.write(": here we are\n\n");
    // Proxies close what is silent, and nobody else would notice that a reader is gone.
    this.heartbeat = setInterval(() => response.write(": still here\n\n"), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  send(event: string, data: unknown): void {
    const { response } = this;
    if (response.writableLength > this.bufferBytesMax) {
      this.leftOut += 1;
      return;
    }
    // What happens within a turn is one write.
    if (!this.isCorked) {
      this.isCorked = true;
      response.cork();
      setImmediate(() => {
        this.isCorked = false;
        response.uncork();
      });
    }
    if (this.leftOut > 0) {
      response.write(`event: left-out\ndata: {"count":${this.leftOut}}\n\n`);
      this.leftOut = 0;
    }
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.heartbeat);
    this.response.end();
  }
}
