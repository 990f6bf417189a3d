/**
 * Bytes in, Control Packets out: `FrameDecoder` and `decodePacket` in one, for those who want objects. "Not enough
 * bytes" is not an error; a broken packet ends the stream.
 */
import type { ControlPacket } from "./control-packet.js";
import { decodePacket } from "./decode-packet.js";
import { FrameDecoder } from "./frame-decoder.js";
import { PacketError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";

/** How a `PacketDecoder` starts. */
export interface PacketDecoderOptions {
  /** The version to read packets by until a CONNECT names another. Default 4 (3.1.1). */
  version?: ProtocolVersion;
  /** Bytes, fixed header included. Default 268,435,460. */
  maximumPacketSize?: number;
}

/** What a `PacketDecoder` calls, always from inside `push` or `resume`. */
export interface PacketHandler {
  /** Byte fields are views into the chunk that was pushed: copy what you keep if its owner reuses it. */
  onPacket(packet: ControlPacket): void;
  /** The peer broke the protocol. Comes at most once; all later input is ignored. */
  onError(error: PacketError): void;
}

/**
 * Turns a byte stream, however it is split, into Control Packets of MQTT 3.1, 3.1.1 or 5.0. What the handler throws comes
 * out of `push` or `resume` and stops the decoder.
 */
export class PacketDecoder {
  /** Follows a CONNECT by itself; a client sets it to what it has sent. */
  version: ProtocolVersion;
  private readonly handler: PacketHandler;
  private readonly frames: FrameDecoder;

  constructor(options: PacketDecoderOptions, handler: PacketHandler) {
    this.version = options.version ?? 4;
    this.handler = handler;
    this.frames = new FrameDecoder(
      {
        onFrame: (bytes, start, bodyStart, end) => this.handleFrame(bytes, start, bodyStart, end),
        onFrameError: (error) => handler.onError(error),
      },
      options.maximumPacketSize,
    );
  }

  /** As `FrameDecoder.maximumPacketSize`. */
  get maximumPacketSize(): number {
    return this.frames.maximumPacketSize;
  }
  set maximumPacketSize(bytes: number) {
    this.frames.maximumPacketSize = bytes;
  }

  /** Bytes copied and waiting for the rest of their packet, or for `resume`. */
  get bufferedBytes(): number {
    return this.frames.bufferedBytes;
  }

  /** Calls `onPacket` for each packet that is now whole, before it returns. */
  push(chunk: Uint8Array): void {
    this.frames.push(chunk);
  }

  /** As `FrameDecoder.pause`. */
  pause(): void {
    this.frames.pause();
  }

  /** As `FrameDecoder.resume`. */
  resume(): void {
    this.frames.resume();
  }

  /** Ignores all further input. */
  stop(): void {
    this.frames.stop();
  }

  private handleFrame(bytes: Uint8Array, start: number, bodyStart: number, end: number): void {
    let packet: ControlPacket;
    try {
      packet = decodePacket(this.version, bytes, start, bodyStart, end);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.frames.stop();
      this.handler.onError(error);
      return;
    }
    if (packet.type === PacketType.CONNECT) this.version = packet.protocolVersion;
    this.handler.onPacket(packet);
  }
}
