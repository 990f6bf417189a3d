/** What makes a CONNECT unacceptable by itself, and the form of the answer (section 3.1.2 to 3.1.4). */
import { PacketType, type ProtocolVersion } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

type Part = number | string | readonly number[];

/** Bytes; text in strings becomes its ASCII codes. */
function bytes(...parts: Part[]): number[] {
  return parts.flatMap((part) =>
    typeof part === "string" ? [...part].map((character) => character.charCodeAt(0)) : part,
  );
}

function field(text: string): number[] {
  return bytes(0, text.length, text);
}

interface RawConnect {
  header?: number;
  name?: string;
  level?: number;
  flags?: number;
  properties?: readonly number[];
  payload?: readonly number[];
}

/** CONNECT of a level, byte by byte: what no encoder would make. */
function rawConnect(version: ProtocolVersion, raw: RawConnect = {}): number[] {
  const properties = version === 5 ? [raw.properties?.length ?? 0, ...(raw.properties ?? [])] : [];
  const body = bytes(
    field(raw.name ?? (version === 3 ? "MQIsdp" : "MQTT")),
    raw.level ?? version,
    raw.flags ?? 0x02,
    [0, 0],
    properties,
    raw.payload ?? field("raw"),
  );
  return [raw.header ?? 0x10, body.length, ...body];
}

function open(version: ProtocolVersion, raw: RawConnect): { harness: BrokerHarness; client: TestClient } {
  const harness = new BrokerHarness();
  return { harness, client: harness.open(version).sendBytes(rawConnect(version, raw)) };
}

function expectRefused(client: TestClient, harness: BrokerHarness, reasonCodes: number[]): void {
  expect(client.isClosed).toBe(true);
  expect(harness.broker.sessionCount).toBe(0);
  const connack = client.takeFirst(PacketType.CONNACK);
  expect(connack.sessionPresent).toBe(false);
  expect(reasonCodes).toContain(connack.reasonCode);
  expect(client.take()).toEqual([]);
}

function expectClosedSilently(client: TestClient, harness: BrokerHarness): void {
  expect(client.isClosed).toBe(true);
  expect(client.bytes).toEqual([]);
  expect(harness.broker.sessionCount).toBe(0);
}

describe("protocol name and level", () => {
  test("[MQTT-3.1.4-5] [3.1.1 MQTT-3.1.4-4] a valid CONNECT of every level is acknowledged with 0x00", () => {
    for (const version of [3, 4, 5] as const) {
      const { client } = open(version, {});
      expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
      expect(client.isClosed).toBe(false);
    }
  });

  test("[MQTT-3.1.2-2] an unknown level above 5 gets CONNACK 0x84 in the format of 5.0 and the close", () => {
    for (const level of [6, 7, 127]) {
      const { client, harness } = open(5, { level });
      expectRefused(client, harness, [0x84]);
    }
  });

  test("[3.1.1 MQTT-3.1.2-2] an unknown level below 5 gets CONNACK 0x01 in the format of 3.x and the close", () => {
    for (const level of [0, 1, 2, 3]) {
      const { client, harness } = open(4, { level });
      expect(client.bytes).toEqual([0x20, 0x02, 0x00, 0x01]);
      expect(client.isClosed).toBe(true);
      expect(harness.broker.sessionCount).toBe(0);
    }
  });

  test("[MQTT-3.1.2-2] a wrong protocol name at level 5 gets CONNACK 0x84 and the close", () => {
    for (const name of ["MQTX", "mqtt", "MQIsdp", "", "MQTTT"]) {
      const { client, harness } = open(5, { name });
      expectRefused(client, harness, [0x84]);
    }
  });

  test("[3.1.1 MQTT-3.1.2-1] a wrong protocol name at level 4 is not served by the rules of 3.1.1", () => {
    for (const name of ["MQTX", "mqtt", "MQIsdp", "", "HTTP/1.1"]) {
      const { client, harness } = open(4, { name });
      expect(client.bytes).toEqual([0x20, 0x02, 0x00, 0x01]);
      expect(client.isClosed).toBe(true);
      expect(harness.broker.sessionCount).toBe(0);
    }
  });

  test("MQTT does not go with level 3, nor MQIsdp with level 4", () => {
    for (const raw of [
      { name: "MQTT", level: 3 },
      { name: "MQIsdp", level: 4 },
    ]) {
      const { client } = open(3, raw);
      expect(client.bytes).toEqual([0x20, 0x02, 0x00, 0x01]);
      expect(client.isClosed).toBe(true);
    }
  });

  test("levels 0x83 and 0x84 of a bridge are served as 3.1 and 3.1.1, 0x85 is not 5.0", () => {
    for (const version of [3, 4] as const) {
      const { client, harness } = open(version, { level: version | 0x80 });
      expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
      expect(harness.broker.client("raw")?.protocolVersion).toBe(version);
    }
    const { client, harness } = open(5, { level: 0x85 });
    expectRefused(client, harness, [0x84]);
  });
});

describe("the reserved connect flag", () => {
  test("[MQTT-3.1.2-3] is checked: CONNACK 0x81 and the close", () => {
    const { client, harness } = open(5, { flags: 0x03 });
    expectRefused(client, harness, [0x81]);
  });

  test("[3.1.1 MQTT-3.1.2-3] is checked: the close", () => {
    const { client, harness } = open(4, { flags: 0x03 });
    expectClosedSilently(client, harness);
  });

  test("is not checked in 3.1", () => {
    expect(open(3, { flags: 0x03 }).client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
  });
});

const malformedInBoth: readonly (readonly [string, RawConnect])[] = [
  ["fixed header flags that are not 0", { header: 0x11 }],
  ["Will QoS without Will Flag", { flags: 0x0a }],
  ["Will Retain without Will Flag", { flags: 0x22 }],
  ["Will QoS 3", { flags: 0x1e, payload: [...field("raw"), 0, ...field("w"), 0, 0] }],
  ["a Will Flag without Will fields", { flags: 0x06 }],
  ["a User Name Flag without a user name", { flags: 0x82 }],
  ["a Password Flag without a password", { flags: 0xc2, payload: [...field("raw"), ...field("user")] }],
  ["a user name without its flag", { payload: [...field("raw"), ...field("user")] }],
  ["no Client Identifier", { payload: [] }],
  ["a Client Identifier that is cut short", { payload: [0, 9, 0x61] }],
  ["a Client Identifier that is not UTF-8", { payload: [0, 2, 0xc3, 0x28] }],
  ["a Client Identifier with a surrogate", { payload: [0, 3, 0xed, 0xa0, 0x80] }],
  ["a Client Identifier with U+0000", { payload: [0, 1, 0x00] }],
  ["a user name that is not UTF-8", { flags: 0x82, payload: [...field("raw"), 0, 1, 0xff] }],
];

const willWith = (topic: readonly number[]): readonly number[] => [...field("raw"), ...topic, 0, 0];

describe("a CONNECT that does not conform", () => {
  test.each(malformedInBoth)(
    "[MQTT-3.1.4-1] [MQTT-4.13.2-1] 5.0 with %s gets CONNACK 0x81 or 0x82 and the close",
    (_name, raw) => {
      const { client, harness } = open(5, raw);
      expectRefused(client, harness, [0x81, 0x82]);
    },
  );

  test.each([
    ...malformedInBoth,
    ["a password without a user name", { flags: 0x42, payload: [...field("raw"), ...field("pw")] }],
    ["an empty Will Topic", { flags: 0x06, payload: willWith(field("")) }],
    ["a wildcard in the Will Topic", { flags: 0x06, payload: willWith(field("a/#")) }],
    ["a Will Topic that is not UTF-8", { flags: 0x06, payload: willWith([0, 1, 0xff]) }],
  ] as readonly (readonly [string, RawConnect])[])(
    "[3.1.1 MQTT-3.1.4-1] [3.1.1 MQTT-4.8.0-1] 3.1.1 with %s is closed without a CONNACK",
    (_name, raw) => {
      const { client, harness } = open(4, raw);
      expectClosedSilently(client, harness);
    },
  );

  test.each([
    ["an unknown property", { properties: [0x7f, 0] }, [0x81]],
    ["a property of another packet", { properties: [0x23, 0, 1] }, [0x81]],
    ["a property twice", { properties: [0x21, 0, 1, 0x21, 0, 1] }, [0x82]],
    ["Receive Maximum 0", { properties: [0x21, 0, 0] }, [0x82]],
    ["Maximum Packet Size 0", { properties: [0x27, 0, 0, 0, 0] }, [0x82]],
    ["Request Problem Information 2", { properties: [0x17, 2] }, [0x82]],
    ["Request Response Information 2", { properties: [0x19, 2] }, [0x82]],
    ["Authentication Data without a method", { properties: [0x16, 0, 1, 9] }, [0x82]],
    ["a property that is cut short", { properties: [0x11, 0, 0] }, [0x81]],
    ["an empty Will Topic", { flags: 0x06, payload: [...field("raw"), 0, ...field(""), 0, 0] }, [0x82, 0x90]],
    ["a wildcard in the Will Topic", { flags: 0x06, payload: [...field("raw"), 0, ...field("+"), 0, 0] }, [0x81, 0x90]],
    ["a Will Topic that is not UTF-8", { flags: 0x06, payload: [...field("raw"), 0, 0, 1, 0xff, 0, 0] }, [0x81]],
    ["a Will property twice", { flags: 0x06, payload: [...field("raw"), 4, 1, 0, 1, 0, ...field("w"), 0, 0] }, [0x82]],
  ] as readonly (readonly [string, RawConnect, number[]])[])(
    "[MQTT-3.1.4-1] 5.0 with %s gets a CONNACK that says so and the close",
    (_name, raw, reasonCodes) => {
      const { client, harness } = open(5, raw);
      expectRefused(client, harness, reasonCodes);
    },
  );

  test("in 5.0 a password needs no user name", () => {
    const { client } = open(5, { flags: 0x42, payload: [...field("raw"), ...field("pw")] });
    expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
  });

  test("in 3.1 a flagged user name or password may be missing", () => {
    expect(open(3, { flags: 0xc2 }).client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
    const withoutPassword = { flags: 0xc2, payload: [...field("raw"), ...field("user")] };
    const { client, harness } = open(3, withoutPassword);
    expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
    expect(harness.broker.client("raw")?.userName).toBe("user");
  });
});
