/** Bans by Client Identifier, user, address and network, on a broker core. */
import { Broker, type BrokerHooks, type Connection } from "@tidings/broker";
import { type ControlPacket, encodePacket, PacketDecoder, PacketType, type ProtocolVersion } from "@tidings/packet";
import { beforeEach, describe, expect, test } from "vitest";
import { type Ban, BanList } from "./ban-list.js";
import { chain } from "./chain.js";

let nowMs: number;
let changes: number;
let bans: BanList;

beforeEach(() => {
  nowMs = 1_700_000_000_000;
  changes = 0;
  bans = new BanList({ now: () => nowMs, onChange: () => void (changes += 1) });
});

interface Opened {
  readonly connection: Connection;
  readonly received: ControlPacket[];
}

function broker(): { connect: (address: string, clientIdentifier: string, userName?: string) => Opened; core: Broker } {
  const core = new Broker({ hooks: [bans.hook as BrokerHooks] });
  return { core, connect: (...who) => open(core, 5, ...who) };
}

function open(core: Broker, version: ProtocolVersion, address: string, clientIdentifier: string, userName?: string) {
  const received: ControlPacket[] = [];
  const decoder = new PacketDecoder(
    { version },
    {
      onPacket: (packet) => void received.push(packet),
      onError: (error) => {
        throw error;
      },
    },
  );
  const write = (bytes: Uint8Array): boolean => {
    decoder.push(Uint8Array.from(bytes));
    return true;
  };
  const host = {
    write,
    writeAll: (parts: readonly Uint8Array[]) => parts.every(write),
    wantsFlush: () => {},
    wantsClose: () => {},
    wantsPause: () => {},
  };
  const connection = core.accept(host, nowMs, { address }) as Connection;
  const packet = encodePacket(
    {
      type: PacketType.CONNECT,
      protocolVersion: version,
      cleanStart: true,
      keepAlive: 0,
      clientIdentifier,
      userName,
    },
    version,
  );
  connection.receive(packet, 0, packet.length, nowMs);
  connection.flush();
  return { connection, received };
}

const reasonOf = ({ received }: Opened): number | undefined => {
  const [connack] = received;
  return connack?.type === PacketType.CONNACK ? connack.reasonCode : undefined;
};

describe("who is banned", () => {
  test.each([
    [{ kind: "client", value: "c" }],
    [{ kind: "user", value: "anna" }],
    [{ kind: "address", value: "192.0.2.7" }],
    [{ kind: "address", value: "192.0.2.0/24" }],
  ] as [Ban][])("is refused: %o", (ban) => {
    bans.add(ban);
    const { connect, core } = broker();
    expect(reasonOf(connect("192.0.2.7", "c", "anna"))).toBe(0x8a);
    expect(reasonOf(connect("198.51.100.7", "d", "bert"))).toBe(0);
    expect(reasonOf(open(core, 4, "192.0.2.7", "c", "anna"))).toBe(5);
  });

  test("is disconnected at once, and nobody else is", () => {
    const { connect } = broker();
    const banned = [connect("192.0.2.7", "a"), connect("192.0.2.9", "b")];
    const other = connect("198.51.100.7", "c");
    bans.add({ kind: "address", value: "192.0.2.0/28" });
    expect(banned.map(({ connection }) => connection.isConnected)).toEqual([false, false]);
    expect(banned[0].received.at(-1)).toMatchObject({ type: PacketType.DISCONNECT, reasonCode: 0x87 });
    expect(other.connection.isConnected).toBe(true);
  });

  test("IPv6 is the same however it is written, and IPv4 in its form is IPv4", () => {
    bans.add({ kind: "address", value: "2001:db8::1" });
    bans.add({ kind: "address", value: "192.0.2.7" });
    const { connect } = broker();
    expect(reasonOf(connect("2001:db8:0:0:0:0:0:1", "a"))).toBe(0x8a);
    expect(reasonOf(connect("2001:db8::2", "b"))).toBe(0);
    expect(reasonOf(connect("192.0.2.7", "c"))).toBe(0x8a);
  });

  test("may come in when the ban has expired or was taken away", () => {
    const { connect } = broker();
    bans.add({ kind: "client", value: "a", expiresAtMs: nowMs + 1000 });
    bans.add({ kind: "address", value: "192.0.2.0/24", expiresAtMs: nowMs + 1000 });
    expect(reasonOf(connect("198.51.100.7", "a"))).toBe(0x8a);
    nowMs += 1000;
    expect(reasonOf(connect("198.51.100.7", "a"))).toBe(0);
    expect(reasonOf(connect("192.0.2.7", "b"))).toBe(0);
    expect(bans.entries()).toEqual([]);
    bans.add({ kind: "client", value: "c" });
    expect([bans.remove("client", "c"), bans.remove("client", "c")]).toEqual([true, false]);
    expect(reasonOf(connect("198.51.100.7", "c"))).toBe(0);
    expect(changes).toBe(4);
  });
});

describe("the list", () => {
  test("is plain data that makes the same list again", () => {
    bans.add({ kind: "client", value: "a", reason: "flaps", expiresAtMs: nowMs + 5 });
    bans.add({ kind: "address", value: "10.0.0.0/8" });
    const entries = bans.entries();
    expect(entries).toEqual([
      { kind: "client", value: "a", reason: "flaps", createdAtMs: nowMs, expiresAtMs: nowMs + 5 },
      { kind: "address", value: "10.0.0.0/8", createdAtMs: nowMs },
    ]);
    const again = new BanList({ now: () => nowMs });
    for (const ban of JSON.parse(JSON.stringify(entries)) as Ban[]) again.add(ban);
    expect(again.entries()).toEqual(entries);
  });

  test("replaces an entry about the same, and ignores one that is over", () => {
    bans.add({ kind: "user", value: "anna", expiresAtMs: nowMs + 5 });
    bans.add({ kind: "user", value: "anna", reason: "again" });
    bans.add({ kind: "user", value: "bert", expiresAtMs: nowMs });
    expect(bans.entries()).toEqual([{ kind: "user", value: "anna", reason: "again", createdAtMs: nowMs }]);
  });

  test("has room for so many, those that have expired left out", () => {
    bans = new BanList({ entriesMax: 2, now: () => nowMs });
    expect(bans.add({ kind: "client", value: "a", expiresAtMs: nowMs + 10 })).toBe(true);
    expect(bans.add({ kind: "client", value: "b" })).toBe(true);
    expect(bans.add({ kind: "client", value: "c" })).toBe(false);
    expect(bans.add({ kind: "client", value: "b", reason: "again" })).toBe(true);
    nowMs += 10;
    expect(bans.add({ kind: "client", value: "c" })).toBe(true);
    expect(bans.entries().map(({ value }) => value)).toEqual(["b", "c"]);
  });

  test.each(["nowhere", "10.0.0.0/33", "10.0.0.1/8/9", ""])("takes no address that is none: %j", (value) => {
    expect(() => bans.add({ kind: "address", value })).toThrow(expect.objectContaining({ code: "TIDINGS_BAN" }));
    expect(bans.entries()).toEqual([]);
  });
});

test("passes through a chain", () => {
  bans.add({ kind: "client", value: "c" });
  const core = new Broker({ hooks: [chain(bans.hook, {}) as BrokerHooks] });
  const before = open(core, 5, "192.0.2.1", "d");
  expect(reasonOf(open(core, 5, "192.0.2.1", "c"))).toBe(0x8a);
  bans.add({ kind: "client", value: "d" });
  expect(before.connection.isConnected).toBe(false);
});
