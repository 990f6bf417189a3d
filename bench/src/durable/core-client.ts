/** A client of a broker core in the same process, without a network. */
import type { Broker, ConnectionHost } from "@tidings/broker";
import { encodePacket, FrameDecoder, PacketType } from "@tidings/packet";

/** A connection without a network: what the broker writes is counted, and answered when it is a PUBLISH. */
export class CoreClient implements ConnectionHost {
  acknowledged = 0;
  /** PUBLISH packets that came. */
  deliveries = 0;
  private answers: Uint8Array[] = [];
  private readonly connection;
  private readonly decoder = new FrameDecoder({
    onFrame: (bytes, start, bodyStart) => this.onFrame(bytes, start, bodyStart),
    onFrameError: (error) => {
      throw error;
    },
  });
  private wants = false;

  constructor(broker: Broker, clientIdentifier: string) {
    const connection = broker.accept(this, Date.now());
    if (connection === undefined) throw new Error("not accepted");
    this.connection = connection;
    this.send(
      encodePacket(
        { type: PacketType.CONNECT, protocolVersion: 4, clientIdentifier, cleanStart: false, keepAlive: 0 },
        4,
      ),
    );
  }

  send(bytes: Uint8Array): void {
    this.connection.receive(bytes, 0, bytes.length, Date.now());
  }

  /** Hands over what the broker wrote, and sends the answers. */
  turn(): void {
    if (this.wants) {
      this.wants = false;
      this.connection.flush();
    }
    if (this.answers.length === 0) return;
    const bytes = Buffer.concat(this.answers);
    this.answers = [];
    this.send(bytes);
  }

  /** The connection is gone. */
  close(): void {
    this.connection.transportClosed(Date.now());
  }

  wantsFlush(): void {
    this.wants = true;
  }

  write(bytes: Uint8Array): boolean {
    this.decoder.push(bytes, 0, bytes.length);
    return true;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    for (const part of parts) this.write(part);
    return true;
  }

  wantsClose(): void {
    throw new Error("closed");
  }

  wantsPause(): void {}

  private onFrame(bytes: Uint8Array, start: number, bodyStart: number): void {
    const type = bytes[start] >> 4;
    if (type === PacketType.PUBACK) this.acknowledged += 1;
    if (type !== PacketType.PUBLISH) return;
    this.deliveries += 1;
    const topicBytes = (bytes[bodyStart] << 8) | bytes[bodyStart + 1];
    const at = bodyStart + 2 + topicBytes;
    this.answers.push(Uint8Array.of(PacketType.PUBACK << 4, 2, bytes[at], bytes[at + 1]));
  }
}
