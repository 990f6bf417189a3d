/**
 * A second application under the identifier of a client: it takes the session over, takes in what comes without a word,
 * and is gone after a while, or when the client takes its session back. Right beside the broker, with no network between.
 */
import { encodePacket, PacketType } from "@tidings/packet";
import type { ByteStream, ByteStreamHandler } from "@tidings/transport";
import type { Random } from "./random.js";
import type { SimulatedBroker } from "./simulated-broker.js";
import type { SimulatedClient } from "./simulated-client.js";
import type { VirtualClock } from "./virtual-clock.js";

/** False: there is no session to take, or it is not sure to outlive this. */
export function takeOver(
  client: SimulatedClient,
  broker: SimulatedBroker,
  clock: VirtualClock,
  random: Random,
): boolean {
  const { version, sessionExpiryInterval, receiveMaximum, maximumPacketSize } = client.settings;
  const hasSession = broker.broker?.sessions.get(client.name)?.store !== undefined;
  if (!hasSession || client.hasRestarted || client.mayHaveLostSession) return false;
  const { life } = broker;
  const stream = new Interloper((task) => {
    clock.after(0, () => {
      if (broker.life === life) task();
    });
  });
  if (!broker.acceptStream(stream) || stream.isOver) return false;
  stream.receive(
    encodePacket(
      {
        type: PacketType.CONNECT,
        protocolVersion: version,
        cleanStart: false,
        keepAlive: 0,
        clientIdentifier: client.name,
        will: client.will(),
        properties: version === 5 ? { sessionExpiryInterval, receiveMaximum, maximumPacketSize } : undefined,
      },
      version,
    ),
  );
  clock.after(random.pick([10, 1_000, 10_000]), () => stream.destroy());
  return true;
}

class Interloper implements ByteStream {
  readonly peer = { transport: "memory" } as const;
  readonly bufferedBytes = 0;
  isOver = false;
  private handler: ByteStreamHandler | undefined;

  constructor(private readonly later: (task: () => void) => void) {}

  start(handler: ByteStreamHandler): void {
    this.handler = handler;
  }

  receive(bytes: Uint8Array): void {
    this.handler?.onBytes(bytes, 0, bytes.length);
  }

  write(): boolean {
    return true;
  }

  writeAll(): boolean {
    return true;
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.later(() => this.handler?.onClose());
  }
}
