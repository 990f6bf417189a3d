/**
 * The server that the clients are measured against: a process that does no more than it must, so that it is never the limit.
 * It counts nothing, matches nothing and keeps nothing. What is published to it is acknowledged; who subscribes to
 * `flood/<qos>/<count>/<bytes>` gets so many messages, with at most a thousand unacknowledged. Prints its port.
 */
import { createServer, type Socket } from "node:net";
import { encodePacket, FrameDecoder, PacketType, type ProtocolVersion, writeAcknowledgement } from "@tidings/packet";

const WINDOW = 1_000;
/** Bytes handed to the socket at once. */
const CHUNK_BYTES = 65_536;

class Connection {
  private version: ProtocolVersion = 4;
  private readonly acknowledgements = new Uint8Array(CHUNK_BYTES);
  private length = 0;
  private left = 0;
  private unacknowledged = 0;
  private nextIdentifier = 1;
  private frame = new Uint8Array(0);
  private qos = 0;
  private identifierAt = 0;

  constructor(private readonly socket: Socket) {
    const decoder = new FrameDecoder({
      onFrame: (bytes, start, bodyStart, end) => this.handle(bytes, start, bodyStart, end),
      onFrameError: () => socket.destroy(),
    });
    socket.on("data", (chunk: Buffer) => {
      decoder.push(chunk);
      this.flush();
      this.flood();
    });
    socket.on("drain", () => this.flood());
    socket.on("error", () => {});
  }

  private handle(bytes: Uint8Array, start: number, bodyStart: number, end: number): void {
    const type = bytes[start] >> 4;
    if (type === PacketType.PUBLISH) {
      if ((bytes[start] & 0x06) === 0) return;
      const at = bodyStart + 2 + ((bytes[bodyStart] << 8) | bytes[bodyStart + 1]);
      if (this.length + 4 > CHUNK_BYTES) this.flush();
      const identifier = (bytes[at] << 8) | bytes[at + 1];
      this.length = writeAcknowledgement(PacketType.PUBACK, identifier, this.acknowledgements, this.length);
    } else if (type === PacketType.PUBACK) {
      this.unacknowledged -= 1;
    } else if (type === PacketType.CONNECT) {
      this.version = bytes[bodyStart + 6] as ProtocolVersion;
      this.socket.write(encodePacket({ type: PacketType.CONNACK, sessionPresent: false, reasonCode: 0 }, this.version));
    } else if (type === PacketType.SUBSCRIBE) {
      const packetIdentifier = (bytes[bodyStart] << 8) | bytes[bodyStart + 1];
      this.socket.write(encodePacket({ type: PacketType.SUBACK, packetIdentifier, reasonCodes: [1] }, this.version));
      const text = Buffer.from(bytes.subarray(bodyStart, end)).toString("latin1");
      const [, topicName = "", qos, count, size] = /(flood\/(\d)\/(\d+)\/(\d+))/.exec(text) ?? [];
      if (count !== undefined) this.begin(topicName, Number(qos) as 0 | 1, Number(count), Number(size));
    } else if (type === PacketType.PINGREQ) {
      this.socket.write(encodePacket({ type: PacketType.PINGRESP }, this.version));
    }
  }

  private begin(topicName: string, qos: 0 | 1, count: number, size: number): void {
    const payload = new Uint8Array(size).fill(0x78);
    const packetIdentifier = qos === 0 ? undefined : 1;
    const packet = { dup: false, qos, retain: false, topicName, packetIdentifier, payload } as const;
    this.frame = encodePacket({ type: PacketType.PUBLISH, ...packet }, this.version).slice();
    this.qos = qos;
    this.identifierAt = 2 + 2 + topicName.length;
    this.left = count;
  }

  private flush(): void {
    if (this.length > 0) this.socket.write(this.acknowledgements.slice(0, this.length));
    this.length = 0;
  }

  private flood(): void {
    const { frame, qos, identifierAt } = this;
    while (this.left > 0 && !this.socket.writableNeedDrain) {
      const room = qos === 0 ? Number.POSITIVE_INFINITY : WINDOW - this.unacknowledged;
      const count = Math.min(this.left, room, Math.floor(CHUNK_BYTES / frame.length));
      if (count === 0) return;
      const chunk = new Uint8Array(count * frame.length);
      for (let index = 0; index < count; index += 1) {
        const at = index * frame.length;
        chunk.set(frame, at);
        if (qos === 0) continue;
        chunk[at + identifierAt] = this.nextIdentifier >> 8;
        chunk[at + identifierAt + 1] = this.nextIdentifier;
        this.nextIdentifier = (this.nextIdentifier % 65_535) + 1;
      }
      this.left -= count;
      this.unacknowledged += qos === 0 ? 0 : count;
      this.socket.write(chunk);
    }
  }
}

const server = createServer({ noDelay: true }, (socket) => void new Connection(socket));
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
