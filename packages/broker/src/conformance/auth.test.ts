/** Enhanced authentication before CONNACK (MQTT 5.0 sections 3.15 and 4.12). */
import { type AuthPacket, encodePacket, PacketType, type Properties, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import type { EnhancedAuthenticateAnswer } from "../hooks.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

const method = "count";

/** Asks three times, with the number of the step as data, then lets in. */
function harnessFor(options: BrokerOptions = {}, answer: Partial<EnhancedAuthenticateAnswer> = {}): BrokerHarness {
  return new BrokerHarness({
    hooks: [
      {
        authenticateEnhanced: (step) => {
          if (step.method !== method) return undefined;
          if (step.data?.[0] === 0xff) return { reasonCode: ReasonCode.NotAuthorized, reasonString: "wrong" };
          if (step.step < 3) {
            return { reasonCode: ReasonCode.ContinueAuthentication, data: Uint8Array.of(step.step), ...answer };
          }
          return { reasonCode: ReasonCode.Success, data: Uint8Array.of(99) };
        },
      },
    ],
    ...options,
  });
}

function begin(harness: BrokerHarness, options: ConnectOptions = {}): TestClient {
  return harness.connect({
    clientIdentifier: "c",
    ...options,
    properties: { authenticationMethod: method, authenticationData: Uint8Array.of(0), ...options.properties },
  });
}

function auth(reasonCode: ReasonCode, authenticationMethod = method, data = 1): AuthPacket {
  return {
    type: PacketType.AUTH,
    reasonCode,
    properties: { authenticationMethod, authenticationData: Uint8Array.of(data) },
  };
}

function expectRefused(client: TestClient, harness: BrokerHarness, reasonCodes: ReasonCode[]): void {
  const packets = client.take();
  expect(packets.map(({ type }) => type)).toEqual([PacketType.CONNACK]);
  expect(reasonCodes).toContain((packets[0] as { reasonCode: number }).reasonCode);
  expect(client.isClosed).toBe(true);
  expect(harness.broker.sessionCount).toBe(0);
}

describe("an exchange", () => {
  test("[MQTT-4.12.0-2] [MQTT-4.12.0-5] asks with AUTH 0x18 and ends with CONNACK, all naming the method", () => {
    const harness = harnessFor();
    const client = begin(harness);
    const properties: Properties = { authenticationMethod: method, authenticationData: Uint8Array.of(1) };
    expect(client.take()).toEqual([{ type: PacketType.AUTH, reasonCode: 0x18, properties }]);
    client.send(auth(0x18));
    properties.authenticationData = Uint8Array.of(2);
    expect(client.take()).toEqual([{ type: PacketType.AUTH, reasonCode: 0x18, properties }]);
    expect(harness.broker.client("c")).toBeUndefined();
    client.send(auth(0x18));
    const connack = client.takeFirst(PacketType.CONNACK);
    expect(connack).toMatchObject({ reasonCode: 0, sessionPresent: false });
    expect(connack.properties).toMatchObject({
      authenticationMethod: method,
      authenticationData: Uint8Array.of(99),
    });
    expect(client.take()).toEqual([]);
    expect(harness.broker.client("c")?.isConnected).toBe(true);
  });

  test("[MQTT-4.12.0-5] may end at once, with the method in CONNACK", () => {
    const harness = new BrokerHarness({ hooks: [{ authenticateEnhanced: () => ({ reasonCode: 0 }) }] });
    const connack = begin(harness).takeFirst(PacketType.CONNACK);
    expect(connack.properties?.authenticationMethod).toBe(method);
    expect(connack.properties).not.toHaveProperty("authenticationData");
  });

  test("[MQTT-4.12.0-1] with a method that nobody knows is refused with 0x8C", () => {
    for (const harness of [harnessFor(), new BrokerHarness()]) {
      const client = begin(harness, { properties: { authenticationMethod: "unknown" } });
      expectRefused(client, harness, [ReasonCode.BadAuthenticationMethod]);
    }
  });

  test("[MQTT-4.12.0-4] that fails is refused with the hook's code, at its beginning or later", () => {
    const first = harnessFor();
    const client = begin(first, { properties: { authenticationData: Uint8Array.of(0xff) } });
    expect(client.received).toMatchObject([{ properties: { reasonString: "wrong" } }]);
    expectRefused(client, first, [ReasonCode.NotAuthorized]);
    const later = harnessFor();
    const second = begin(later);
    second.takeFirst(PacketType.AUTH);
    expectRefused(second.send(auth(0x18, method, 0xff)), later, [ReasonCode.NotAuthorized]);
  });

  test("that takes longer than connectTimeoutMs is closed", () => {
    const harness = harnessFor({ connectTimeoutMs: 3000 });
    const client = begin(harness);
    harness.advance(2000);
    client.send(auth(0x18));
    harness.advance(1500);
    expect(client.isClosed).toBe(true);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("takes a session over when it ended well, not before", () => {
    const harness = harnessFor();
    const resident = harness.connected({ clientIdentifier: "c" });
    const failing = begin(harness);
    expect(resident.isClosed).toBe(false);
    failing.send(auth(0x18, method, 0xff));
    expect([resident.isClosed, failing.isClosed]).toEqual([false, true]);
    begin(harness).send(auth(0x18)).send(auth(0x18));
    expect(resident.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.SessionTakenOver);
  });
});

describe("an exchange goes wrong", () => {
  test.each([
    ["[MQTT-4.12.0-5] another method", auth(0x18, "other")],
    ["AUTH 0x00, which is not for clients", auth(0x00)],
    ["AUTH 0x19 before CONNACK", auth(0x19)],
    ["a second CONNECT", connectBytes()],
    ["PINGREQ", [0xc0, 0x00]],
    ["a reserved packet type", [0x00, 0x00]],
    [
      "[MQTT-3.15.2-1] AUTH with a code that its table does not have",
      [0xf0, 0x0a, 0x17, 0x08, 0x15, 0, 5, ...ascii("count")],
    ],
    ["[MQTT-3.15.1-1] AUTH with flags", [0xf1, 0x0a, 0x18, 0x08, 0x15, 0, 5, ...ascii("count")]],
    ["[MQTT-4.12.0-5] AUTH without a body", [0xf0, 0x00]],
    ["[MQTT-4.12.0-5] AUTH without a method", [0xf0, 0x02, 0x18, 0x00]],
  ] as [string, AuthPacket | number[] | Uint8Array][])(
    "%s: CONNACK 0x81 or 0x82, the close, and no DISCONNECT",
    (_name, input) => {
      const harness = harnessFor();
      const client = begin(harness);
      client.takeFirst(PacketType.AUTH);
      if ("type" in input) client.send(input);
      else client.sendBytes(input);
      expectRefused(client, harness, [ReasonCode.MalformedPacket, ReasonCode.ProtocolError]);
    },
  );

  test("[MQTT-3.14.0-1] [MQTT-4.13.1-1] what is sent before CONNACK is not processed", () => {
    const harness = harnessFor();
    const client = begin(harness);
    client.takeFirst(PacketType.AUTH);
    client.publish("t", "early", { retain: true });
    expectRefused(client, harness, [ReasonCode.ProtocolError]);
    expect(harness.broker.retainedMessageCount).toBe(0);
  });

  test("DISCONNECT ends it, without an answer", () => {
    const harness = harnessFor();
    const client = begin(harness);
    client.takeFirst(PacketType.AUTH);
    client.send({ type: PacketType.DISCONNECT, reasonCode: 0 });
    expect(client.take()).toEqual([]);
    expect(client.isClosed).toBe(true);
    expect(harness.broker.sessionCount).toBe(0);
  });
});

describe("without an Authentication Method in CONNECT", () => {
  test("[MQTT-4.12.0-6] there is no AUTH, and no method in CONNACK", () => {
    const harness = harnessFor();
    const client = harness.connect({ userName: "user" });
    const packets = client.take();
    expect(packets.map(({ type }) => type)).toEqual([PacketType.CONNACK]);
    expect(packets[0]).not.toHaveProperty("properties.authenticationMethod");
    expect(packets[0]).not.toHaveProperty("properties.authenticationData");
  });

  test("[MQTT-4.13.1-1] an AUTH from the client is a Protocol Error", () => {
    for (const reasonCode of [0x18, 0x19]) {
      const client = harnessFor().connected().send(auth(reasonCode));
      expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ProtocolError);
      expect(client.isClosed).toBe(true);
    }
  });

  test("[3.1.1 MQTT-4.8.0-1] an AUTH from a 3.x client closes the connection", () => {
    for (const protocolVersion of [3, 4] as const) {
      const client = harnessFor()
        .connected({ protocolVersion })
        .sendBytes(encodePacket(auth(0x18), 5));
      expect(client.isClosed).toBe(true);
      expect(client.take()).toEqual([]);
    }
  });
});

describe("problem information in AUTH", () => {
  const information: Partial<EnhancedAuthenticateAnswer> = {
    reasonString: "what is your quest?",
    userProperties: [["hint", "grail"]],
  };

  function authOf(properties: ConnectOptions["properties"], answer = information): AuthPacket {
    return begin(harnessFor({}, answer), { properties }).takeFirst(PacketType.AUTH);
  }

  test("is sent", () => {
    expect(authOf({}).properties).toMatchObject(information);
  });

  test("[MQTT-3.1.2-29] is not sent to a client that asked for none", () => {
    const { properties } = authOf({ requestProblemInformation: false });
    expect(properties).toEqual({ authenticationMethod: method, authenticationData: Uint8Array.of(1) });
  });

  test("[MQTT-3.15.2-2] leaves a Reason String out where it would exceed Maximum Packet Size", () => {
    const answer = { reasonString: "x".repeat(100) };
    expect(authOf({ maximumPacketSize: 100 }, answer).properties).not.toHaveProperty("reasonString");
    expect(authOf({ maximumPacketSize: 200 }, answer).properties).toHaveProperty("reasonString");
  });

  test("[MQTT-3.15.2-3] leaves User Properties out where they would exceed Maximum Packet Size", () => {
    const answer: typeof information = { userProperties: [["hint", "x".repeat(100)]] };
    expect(authOf({ maximumPacketSize: 100 }, answer).properties).not.toHaveProperty("userProperties");
    expect(authOf({ maximumPacketSize: 200 }, answer).properties).toHaveProperty("userProperties");
  });
});

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function connectBytes(): Uint8Array {
  return encodePacket(
    { type: PacketType.CONNECT, protocolVersion: 5, cleanStart: true, keepAlive: 0, clientIdentifier: "c" },
    5,
  );
}
