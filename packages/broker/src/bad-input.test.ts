/**
 * Bytes that no client should send, from many connections at once, and two clients beside them that must not notice.
 * Seeded: everything follows from SEED, and a failure says which case it was and what was sent.
 */
import {
  type ControlPacket,
  encodePacket,
  PacketDecoder,
  type PacketError,
  PacketType,
  type ProtocolVersion,
} from "@tidings/packet";
import { errorVectors, packetVectors, vectorBytes } from "@tidings/packet/testing";
import { expect, test } from "vitest";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import type { ConnectionHost } from "./connection-host.js";
import { BrokerHarness } from "./testing/index.js";

const SEED = 20_260_731;
const CASES = 4_000;
const VERSIONS = [3, 4, 5] as const;

const CONNECT_BYTES_MAX = 1_024;
const PACKET_BYTES_MAX = 8_192;

/** Reason Codes that a server may send: table 3-1 and table 3-13 of 5.0, and the return codes of 3.1 and 3.1.1. */
const CONNACK_CODES = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
  0x9c, 0x9d, 0x9f,
];
const DISCONNECT_CODES = [
  0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a,
  0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
];
const RETURN_CODES = [0, 1, 2, 3, 4, 5];

/** mulberry32: the same numbers for the same seed, everywhere. */
class Chance {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** 0 up to but not including `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.below(256));
  }
}

/** The far end of a hostile connection: what the broker sent, as bytes. */
class Hostile implements ConnectionHost {
  readonly output: number[] = [];
  readonly connection: Connection;
  isClosed = false;
  private wanted = false;

  constructor(private readonly harness: BrokerHarness) {
    const connection = harness.broker.accept(this, harness.nowMs);
    if (connection === undefined) throw new Error("no connection");
    this.connection = connection;
  }

  receive(bytes: Uint8Array): void {
    const input = bytes.slice();
    this.connection.receive(input, 0, input.length, this.harness.nowMs);
    input.fill(0xee);
    if (this.wanted) {
      this.wanted = false;
      this.connection.flush();
    }
  }

  /** Packets from the broker; throws when the bytes are no packets of the version that was settled on. */
  packets(): ControlPacket[] {
    const packets: ControlPacket[] = [];
    const decoder = new PacketDecoder(
      { version: this.connection.protocolVersion },
      {
        onPacket: (packet) => void packets.push(packet),
        onError: (error) => {
          throw error;
        },
      },
    );
    decoder.push(Uint8Array.from(this.output));
    expect(decoder.bufferedBytes).toBe(0);
    return packets;
  }

  wantsFlush(): void {
    this.wanted = true;
  }

  write(bytes: Uint8Array): boolean {
    for (const byte of bytes) this.output.push(byte);
    return true;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    return parts.map((part) => this.write(part)).every((taken) => taken);
  }

  wantsClose(): void {
    this.isClosed = true;
  }

  wantsPause(): void {}
}

/** Good packets of each version, and bytes that are known to be refused. */
const corpus = Object.fromEntries(
  VERSIONS.map((version) => {
    const rows = [...packetVectors, ...errorVectors].filter((row) => row.version === version);
    return [version, rows.map((row) => [...vectorBytes(row.hex)]).filter(({ length }) => length > 0 && length < 3_000)];
  }),
) as Record<ProtocolVersion, number[][]>;

/** Those of them that want to be CONNECT, of any version. */
const connects = VERSIONS.flatMap((version) => corpus[version].filter(([first]) => first >> 4 === PacketType.CONNECT));

/** A good CONNECT. */
function connectBytes(version: ProtocolVersion, chance: Chance): number[] {
  const properties = version === 5 && chance.below(2) === 0 ? { sessionExpiryInterval: chance.below(100) } : undefined;
  const packet: ControlPacket = {
    type: PacketType.CONNECT,
    protocolVersion: version,
    cleanStart: chance.below(2) === 0,
    keepAlive: 0,
    clientIdentifier: `hostile-${chance.below(20)}`,
    properties,
  };
  if (chance.below(3) === 0) packet.will = { topic: "will", payload: Uint8Array.of(1), qos: 1, retain: false };
  return [...encodePacket(packet, version)];
}

/** Where the body of a packet begins. */
function bodyStart(bytes: readonly number[]): number {
  let at = 1;
  while (at < bytes.length && at < 4 && bytes[at] >= 0x80) at += 1;
  return at + 1;
}

function remainingLength(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; ; rest >>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** The same body under a Remaining Length that fits it, so that the damage lies inside the packet. */
function refitted(bytes: readonly number[]): number[] {
  const body = bytes.slice(bodyStart(bytes));
  return [bytes[0] ?? 0, ...remainingLength(body.length), ...body];
}

const MUTATIONS: Record<string, (bytes: number[], chance: Chance, other: number[]) => number[]> = {
  "bits flipped": (bytes, chance) => {
    const flipped = [...bytes];
    for (let i = chance.below(4); i >= 0; i--) flipped[chance.below(flipped.length)] ^= 1 << chance.below(8);
    return flipped;
  },
  truncated: (bytes, chance) => bytes.slice(0, chance.below(bytes.length)),
  "truncated with a length that fits": (bytes, chance) => refitted(bytes.slice(0, 1 + chance.below(bytes.length))),
  "bytes inserted": (bytes, chance) => {
    const at = chance.below(bytes.length + 1);
    return [...bytes.slice(0, at), ...chance.bytes(1 + chance.below(8)), ...bytes.slice(at)];
  },
  "bytes inserted with a length that fits": (bytes, chance) => {
    const at = chance.below(bytes.length + 1);
    return refitted([...bytes.slice(0, at), ...chance.bytes(1 + chance.below(8)), ...bytes.slice(at)]);
  },
  "bytes cut out": (bytes, chance) => {
    const at = chance.below(bytes.length);
    return [...bytes.slice(0, at), ...bytes.slice(at + 1 + chance.below(4))];
  },
  spliced: (bytes, chance, other) => [
    ...bytes.slice(0, chance.below(bytes.length)),
    ...other.slice(chance.below(other.length)),
  ],
  "spliced with a length that fits": (bytes, chance, other) =>
    refitted([...bytes.slice(0, 1 + chance.below(bytes.length)), ...other.slice(chance.below(other.length))]),
  "with a wrong length": (bytes, chance) => {
    const length = chance.of([0, 1, 2, chance.below(300), chance.below(PACKET_BYTES_MAX), 268_435_455]);
    return [bytes[0], ...remainingLength(length), ...bytes.slice(bodyStart(bytes))];
  },
  "with another first byte": (bytes, chance) => [chance.below(256), ...bytes.slice(1)],
  random: (_bytes, chance) => chance.bytes(1 + chance.below(100)),
  "random with a good header": (_bytes, chance) => refitted([chance.below(256), 0, ...chance.bytes(chance.below(60))]),
  unchanged: (bytes) => [...bytes],
};

/** Bytes that one connection makes the broker keep. */
function heldBytes(connection: Connection): number {
  const { decoder } = connection as unknown as { decoder: { bufferedBytes: number; held: Uint8Array } };
  return Math.max(decoder.bufferedBytes, decoder.held.length) + connection.outbound.pendingBytes;
}

function footprint(broker: Broker): Record<string, number> {
  return {
    connections: broker.connections.size,
    sessions: broker.sessionCount,
    subscriptions: broker.subscriptionCount,
    blocks: broker.blocks.taken,
  };
}

/** What the broker said so far: no packet where none may be, no code that its packet does not know. */
function checkAnswers(hostile: Hostile): void {
  const { protocolVersion } = hostile.connection;
  const packets = hostile.packets();
  packets.forEach((packet, index) => {
    if (packet.type === PacketType.CONNACK) {
      expect(packets.slice(0, index).every(({ type }) => type === PacketType.AUTH)).toBe(true);
      expect(protocolVersion === 5 ? CONNACK_CODES : RETURN_CODES).toContain(packet.reasonCode);
      if (packet.reasonCode > 0) expect([index, hostile.isClosed]).toEqual([packets.length - 1, true]);
    } else if (packet.type === PacketType.AUTH) {
      expect(protocolVersion).toBe(5);
    } else {
      // Nothing else comes to someone who was not let in.
      const connack = packets.find(({ type }) => type === PacketType.CONNACK);
      expect(connack).toMatchObject({ reasonCode: 0 });
      if (packet.type !== PacketType.DISCONNECT) return;
      expect(protocolVersion).toBe(5);
      expect(DISCONNECT_CODES).toContain(packet.reasonCode);
      expect([index, hostile.isClosed]).toEqual([packets.length - 1, true]);
    }
  });
}

test("[MQTT-3.2.0-2] [MQTT-3.2.2-8] [MQTT-3.14.0-1] [MQTT-3.14.2-1] [MQTT-3.14.4-1] bad input of any kind is answered by the standard or not at all, and concerns nobody else", () => {
  const failures: unknown[] = [];
  const refused: PacketError[] = [];
  const harness = new BrokerHarness({
    connectPacketBytesMax: CONNECT_BYTES_MAX,
    maximumPacketSize: PACKET_BYTES_MAX,
    sessionExpiryIntervalMax: 60,
    retainedMessagesMax: 50,
    observer: {
      failure: (_client, error) => void failures.push(error),
      protocolError: (_client, error) => void refused.push(error),
    },
  });
  const { broker } = harness;
  const subscriber = harness.connected({ protocolVersion: 4, clientIdentifier: "healthy-subscriber" });
  subscriber.subscribed("healthy", { qos: 1 });
  const publisher = harness.connected({ protocolVersion: 5, clientIdentifier: "healthy-publisher" });
  const baseline = footprint(broker);

  const expectHealthy = (text: string): void => {
    publisher.publish("healthy", text, { qos: 1 });
    expect(publisher.take().map(({ type }) => type)).toEqual([PacketType.PUBACK]);
    const messages = subscriber.messages();
    expect(messages.map(({ payload }) => new TextDecoder().decode(payload))).toEqual([text]);
    subscriber.acknowledge(PacketType.PUBACK, messages[0].packetIdentifier as number);
    expect([publisher.isClosed, subscriber.isClosed]).toEqual([false, false]);
  };

  const chance = new Chance(SEED);
  const open: Hostile[] = [];
  const reached = { admitted: 0, turnedAway: 0, disconnected: 0, closedSilently: 0 };

  const close = (hostile: Hostile): void => {
    hostile.connection.transportClosed(harness.nowMs);
    checkAnswers(hostile);
    const types = hostile.packets().map((packet) => {
      return packet.type === PacketType.CONNACK && packet.reasonCode > 0 ? "refusal" : packet.type;
    });
    if (types.includes(PacketType.CONNACK)) reached.admitted += 1;
    if (types.includes("refusal")) reached.turnedAway += 1;
    else if (types.includes(PacketType.DISCONNECT)) reached.disconnected += 1;
    else if (hostile.isClosed) reached.closedSilently += 1;
  };

  for (let number = 0; number < CASES; number++) {
    const version = chance.of(VERSIONS);
    let hostile: Hostile;
    const input: number[] = [];
    const kinds: string[] = [];
    const damage = (bytes: number[]): void => {
      const kind = chance.of(Object.keys(MUTATIONS));
      kinds.push(kind);
      input.push(...MUTATIONS[kind](bytes, chance, chance.of(corpus[version])));
    };
    if (open.length > 0 && chance.below(4) === 0) {
      hostile = chance.of(open); // more of the same
    } else {
      hostile = new Hostile(harness);
      open.push(hostile);
      const beginning = chance.below(4);
      if (beginning < 2) input.push(...connectBytes(version, chance));
      else if (beginning === 2) damage(chance.below(2) === 0 ? chance.of(connects) : connectBytes(version, chance));
    }
    for (let packets = chance.below(4); packets >= 0; packets--) damage(chance.of(corpus[version]));
    try {
      for (let at = 0; at < input.length; ) {
        const end = chance.below(2) === 0 ? input.length : at + 1 + chance.below(input.length - at);
        hostile.receive(Uint8Array.from(input.slice(at, end)));
        at = end;
      }
      checkAnswers(hostile);
      // A buffer grows to at most twice what it holds.
      const limit = hostile.connection.isConnected ? PACKET_BYTES_MAX : CONNECT_BYTES_MAX;
      expect(heldBytes(hostile.connection)).toBeLessThanOrEqual(2 * limit);
      expect(failures).toEqual([]);
      expectHealthy(`case ${number}`);
      if (hostile.isClosed || open.length > 40) {
        const [gone] = open.splice(hostile.isClosed ? open.indexOf(hostile) : chance.below(open.length), 1);
        close(gone);
      }
      if (chance.below(10) === 0) harness.advance(500);
    } catch (error) {
      const hex = input.map((byte) => byte.toString(16).padStart(2, "0")).join("");
      const what = `case ${number} of seed ${SEED}: MQTT level ${version}, ${kinds.join(" + ")}: ${hex}`;
      throw new Error(`${what}\n${(error as Error).message}`, { cause: error });
    }
  }

  for (const hostile of open) close(hostile);
  harness.advance(61_000); // every session has expired
  expectHealthy("at the end");
  expect(failures).toEqual([]);
  expect(footprint(broker)).toEqual(baseline);
  // The cases went everywhere they should.
  expect(refused.length).toBeGreaterThan(CASES / 4);
  for (const count of Object.values(reached)) expect(count).toBeGreaterThan(CASES / 50);
});

test.each(VERSIONS)(
  "what a header merely announces takes no memory, and too much is refused at once, at level %i",
  (version) => {
    const harness = new BrokerHarness({ connectPacketBytesMax: 1_000, maximumPacketSize: 100_000 });
    const connect = Uint8Array.from(connectBytes(version, new Chance(1)));
    for (const [admitted, largest] of [
      [false, 1_000],
      [true, 100_000],
    ] as const) {
      const headed = (size: number): Hostile => {
        const hostile = new Hostile(harness);
        if (admitted) hostile.receive(connect);
        let body = size - 5;
        while (1 + remainingLength(body).length + body < size) body += 1;
        hostile.receive(Uint8Array.of(admitted ? 0x30 : 0x10, ...remainingLength(body)));
        return hostile;
      };
      expect(headed(largest + 1).isClosed).toBe(true);
      expect(headed(268_435_460).isClosed).toBe(true);
      const fits = headed(largest);
      expect(fits.isClosed).toBe(false);
      for (let sent = 0; sent < largest / 2; sent += 100) {
        fits.receive(new Uint8Array(100));
        expect(heldBytes(fits.connection)).toBeLessThanOrEqual(Math.min(2 * (sent + 200), largest));
      }
      checkAnswers(fits);
    }
  },
);

test.each(VERSIONS)(
  "a client that asks and never takes the answers is not read any more, at level %i",
  (protocolVersion) => {
    const outboundHighWaterBytes = 10_000;
    const harness = new BrokerHarness({ outboundHighWaterBytes });
    harness.connected().publish("kept", "x".repeat(5_000), { retain: true });
    const client = harness.connected({ protocolVersion });
    client.stalled = true;
    const pings = new Uint8Array(2_000).map((_, index) => (index % 2 === 0 ? 0xc0 : 0));
    let reads = 0;
    while (!client.isPaused && reads < 1_000) {
      reads += 1;
      client.sendBytes(pings);
      if (!client.isPaused) client.subscribe("kept").publish("kept", "x".repeat(1_000), { qos: 1 });
    }
    expect(reads).toBeLessThan(1_000);
    expect(client.connection.outbound.pendingBytes).toBeLessThan(2 * outboundHighWaterBytes + 20_000);
    client.drain();
    expect(client.isPaused).toBe(false);
    expect(client.isClosed).toBe(false);
  },
);
