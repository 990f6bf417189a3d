/** Reads along on a stream, for CONNACK, `packetsend` and `packetreceive`: decodes what goes by both ways, and changes nothing. */
import { type ControlPacket, PacketDecoder, PacketType, type ProtocolVersion } from "@tidings/packet";
import type { ByteStream, ByteStreamHandler, PeerInfo } from "@tidings/transport";

export interface PacketTapHost {
  sent(packet: ControlPacket): unknown;
  received(packet: ControlPacket): unknown;
  closed(error: Error | undefined): unknown;
  /** Asked after CONNACK: whether to go on. */
  wantsMore(): boolean;
}

export class PacketTap implements ByteStream {
  readonly #stream: ByteStream;
  readonly #sent: PacketDecoder;
  readonly #received: PacketDecoder;
  readonly #host: PacketTapHost;
  #isReading = true;

  constructor(stream: ByteStream, version: ProtocolVersion, host: PacketTapHost) {
    this.#stream = stream;
    this.#host = host;
    // What is broken is the client's to report.
    this.#sent = new PacketDecoder({ version }, { onPacket: (packet) => host.sent(packet), onError: () => {} });
    this.#received = new PacketDecoder(
      { version },
      {
        onPacket: (packet) => {
          host.received(packet);
          if (packet.type === PacketType.CONNACK) this.#isReading = host.wantsMore();
        },
        onError: () => {},
      },
    );
  }

  get peer(): PeerInfo {
    return this.#stream.peer;
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  start(handler: ByteStreamHandler): void {
    this.#stream.start({
      onBytes: (bytes, start, end) => {
        if (this.#isReading) this.#received.push(bytes.subarray(start, end));
        handler.onBytes(bytes, start, end);
      },
      onDrain: () => handler.onDrain(),
      onClose: (error) => {
        handler.onClose(error);
        this.#host.closed(error);
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isReading) this.#sent.push(bytes);
    return this.#stream.write(bytes);
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    for (const part of this.#isReading ? parts : []) this.#sent.push(part);
    return this.#stream.writeAll(parts);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }
}
