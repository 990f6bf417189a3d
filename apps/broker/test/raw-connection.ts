/** A socket and bytes, for what no client library would do. */
import { connect, type Socket } from "node:net";

/** 3.1.1, clean session, client "raw". */
export const CONNECT_3_1_1 = "10 0f 0004 4d515454 04 02 003c 0003 726177";
/** 5.0, clean start, client "raw". */
export const CONNECT_5_0 = "10 10 0004 4d515454 05 02 003c 00 0003 726177";

export class RawConnection {
  received = "";
  /** Resolves with everything that was received, in hex. */
  readonly closed: Promise<string>;
  private readonly socket: Socket;
  private onData = (): void => {};

  /** `allowHalfOpen`: does not close when the other side does. */
  constructor(port: number, allowHalfOpen = false) {
    this.socket = connect({ host: "127.0.0.1", port, allowHalfOpen });
    this.socket.on("data", (chunk) => {
      this.received += chunk.toString("hex");
      this.onData();
    });
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve(this.received)));
  }

  send(hex: string): void {
    this.socket.write(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  }

  /** Sends and waits for an answer. */
  ask(hex: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onData = resolve;
      this.socket.once("close", () => reject(new Error(`closed after ${this.received}`)));
      this.send(hex);
    });
  }

  endInput(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
