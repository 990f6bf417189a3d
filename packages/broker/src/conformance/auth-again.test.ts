/** Re-authentication: an exchange under the old identity, while the connection goes on (MQTT 5.0 section 4.12.1). */
import { type AuthPacket, PacketType, ReasonCode } from "@tidings/packet";
import { beforeEach, describe, expect, test } from "vitest";
import type { EnhancedAuthenticateAnswer, MaybePromise } from "../hooks.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

const method = "quest";
const next: EnhancedAuthenticateAnswer = { reasonCode: ReasonCode.ContinueAuthentication, data: Uint8Array.of(7) };

let harness: BrokerHarness;
/** What the hook says to the steps of a re-authentication, in order. */
let answers: MaybePromise<EnhancedAuthenticateAnswer | undefined>[];

beforeEach(() => {
  answers = [];
  harness = new BrokerHarness({
    sessionTakeOver: "any-user",
    hooks: [
      {
        authenticateEnhanced: ({ reauthentication }) =>
          reauthentication ? answers.shift() : { reasonCode: ReasonCode.Success, userName: "old" },
      },
    ],
  });
});

function connected(options: ConnectOptions = {}): TestClient {
  return harness.connected({
    clientIdentifier: "c",
    ...options,
    properties: { authenticationMethod: method, ...options.properties },
  });
}

function auth(reasonCode: ReasonCode, authenticationMethod = method): AuthPacket {
  return { type: PacketType.AUTH, reasonCode, properties: { authenticationMethod } };
}

describe("a re-authentication", () => {
  test("[MQTT-4.12.0-2] [MQTT-4.12.0-5] [MQTT-3.2.0-2] asks with AUTH 0x18 and ends with AUTH 0x00, all naming the method", () => {
    const client = connected();
    answers = [next, { reasonCode: ReasonCode.Success, data: Uint8Array.of(8), userName: "new" }];
    client.send(auth(0x19));
    expect(client.take()).toEqual([
      {
        type: PacketType.AUTH,
        reasonCode: 0x18,
        properties: { authenticationMethod: method, authenticationData: Uint8Array.of(7) },
      },
    ]);
    expect(harness.broker.client("c")?.userName).toBe("old");
    client.send(auth(0x18));
    expect(client.take()).toEqual([
      {
        type: PacketType.AUTH,
        reasonCode: 0x00,
        properties: { authenticationMethod: method, authenticationData: Uint8Array.of(8) },
      },
    ]);
    expect(harness.broker.client("c")?.userName).toBe("new");
  });

  test("may be done any number of times", () => {
    const client = connected();
    for (let i = 0; i < 3; i++) {
      answers = [next, { reasonCode: ReasonCode.Success }];
      client.send(auth(0x19)).send(auth(0x18));
      expect(client.take()).toMatchObject([{ reasonCode: 0x18 }, { reasonCode: 0x00 }]);
    }
  });

  test("does not stop the traffic, in either direction", () => {
    const client = connected().subscribed("t", { qos: 1 });
    answers = [next, { reasonCode: ReasonCode.Success }];
    client.send(auth(0x19));
    client.takeFirst(PacketType.AUTH);
    const witness = harness.connected().subscribed("own");
    client.publish("own", "out").send({ type: PacketType.PINGREQ });
    harness.connected().publish("t", "in", { qos: 1 });
    expect(witness.payloads()).toEqual(["out"]);
    expect(client.payloads()).toEqual(["in"]);
    expect(client.takeFirst(PacketType.PINGRESP)).toBeDefined();
    client.send(auth(0x18));
    expect(client.takeFirst(PacketType.AUTH).reasonCode).toBe(0x00);
  });

  test("holds what comes behind AUTH in order while the hook thinks, and goes on delivering", async () => {
    let decide = (_answer: EnhancedAuthenticateAnswer): void => {};
    const client = connected().subscribed("t");
    answers = [
      new Promise((resolve) => {
        decide = resolve;
      }),
    ];
    client.send(auth(0x19)).publish("own", "", { qos: 1 }).send({ type: PacketType.PINGREQ });
    harness.connected().publish("t", "meanwhile");
    expect(client.payloads()).toEqual(["meanwhile"]);
    expect(client.take()).toEqual([]);
    decide({ reasonCode: ReasonCode.Success });
    await harness.settle();
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.AUTH, PacketType.PUBACK, PacketType.PINGRESP]);
  });

  test.each([
    [ReasonCode.NotAuthorized, ReasonCode.NotAuthorized],
    [ReasonCode.BadUserNameOrPassword, ReasonCode.NotAuthorized],
    [ReasonCode.BadAuthenticationMethod, ReasonCode.NotAuthorized],
    [ReasonCode.QuotaExceeded, ReasonCode.QuotaExceeded],
  ])("[MQTT-4.12.1-2] [MQTT-3.14.2-1] that fails with %i ends in DISCONNECT %i and the close", (reasonCode, sent) => {
    const witness = harness.connected().subscribed("will");
    const will = { topic: "will", payload: new Uint8Array(0), qos: 0, retain: false } as const;
    const client = connected({ will, properties: { authenticationMethod: method, sessionExpiryInterval: 60 } });
    answers = [next, { reasonCode, reasonString: "no" }];
    client.send(auth(0x19)).send(auth(0x18));
    client.takeFirst(PacketType.AUTH);
    expect(client.take()).toEqual([
      { type: PacketType.DISCONNECT, reasonCode: sent, properties: { reasonString: "no" } },
    ]);
    expect(client.isClosed).toBe(true);
    // The will and the session go the way they go after every error.
    expect(witness.messages()).toHaveLength(1);
    expect(harness.broker.sessionCount).toBe(2);
  });

  test("[MQTT-4.12.1-2] that no hook takes up ends in DISCONNECT and the close", () => {
    const client = connected();
    answers = [undefined];
    client.send(auth(0x19));
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.NotAuthorized);
    expect(client.isClosed).toBe(true);
  });

  test("[MQTT-4.12.1-2] whose hook rejects ends in DISCONNECT 0x80 and the close", async () => {
    const client = connected();
    answers = [Promise.reject(new Error("the directory is down"))];
    client.send(auth(0x19));
    await harness.settle();
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.UnspecifiedError);
    expect(client.isClosed).toBe(true);
  });
});

describe("a re-authentication that breaks the rules ends in DISCONNECT 0x82 and the close", () => {
  test.each([
    ["[MQTT-4.12.0-5] another method at the beginning", [auth(0x19, "other")]],
    ["[MQTT-4.12.0-5] another method later", [auth(0x19), auth(0x18, "other")]],
    ["AUTH 0x18 that nothing began", [auth(0x18)]],
    ["AUTH 0x00, which is not for clients", [auth(0x19), auth(0x00)]],
    ["AUTH 0x19 while one goes on", [auth(0x19), auth(0x19)]],
  ])("[MQTT-4.12.1-2] [MQTT-4.13.1-1] %s", (_name, packets) => {
    const client = connected();
    answers = [next];
    for (const packet of packets) client.send(packet);
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ProtocolError);
    expect(client.isClosed).toBe(true);
    expect(harness.broker.client("c")).toBeUndefined();
  });

  test.each([
    ["[MQTT-3.15.1-1] AUTH with flags", [0xf8, 0x0a, 0x19, 0x08, 0x15, 0, 5, 0x71, 0x75, 0x65, 0x73, 0x74], 0x81],
    [
      "[MQTT-3.15.2-1] AUTH with a code that its table does not have",
      [0xf0, 0x0a, 0x1a, 0x08, 0x15, 0, 5, 0x71, 0x75, 0x65, 0x73, 0x74],
      0x82,
    ],
    ["[MQTT-4.12.0-5] AUTH without a body", [0xf0, 0x00], 0x82],
    ["[MQTT-4.12.0-5] AUTH without a method", [0xf0, 0x02, 0x19, 0x00], 0x82],
  ] as [string, number[], number][])("%s", (_name, bytes, reasonCode) => {
    const client = connected().sendBytes(bytes);
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(reasonCode);
    expect(client.isClosed).toBe(true);
  });
});
