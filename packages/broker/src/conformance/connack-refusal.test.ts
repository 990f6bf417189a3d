/** A refused CONNECT: the code, what comes with it, the close (section 3.2.2.2; 3.1.1 section 3.2.2.3). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import type { Verdict } from "../hooks.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

function refusedWith(verdict: ReasonCode | Verdict, connect: ConnectOptions = {}, options: BrokerOptions = {}) {
  const harness = new BrokerHarness({ ...options, hooks: [{ authenticate: () => verdict }] });
  const client = harness.connect(connect);
  expect(client.isClosed).toBe(true);
  expect(harness.broker.sessionCount).toBe(0);
  return client;
}

const codesOf = (client: TestClient): number[] =>
  client.take().map((packet) => (packet.type === PacketType.CONNACK ? packet.reasonCode : -1));

/** Table 3-1 of 5.0, from 0x80 on. */
const connackCodes = [
  0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c,
  0x9d, 0x9f,
];

describe("a refusal in 5.0", () => {
  test.each(connackCodes)("[MQTT-3.1.4-2] [MQTT-3.2.2-7] [MQTT-4.13.2-1] with %i is told, then the close", (code) => {
    expect(codesOf(refusedWith(code))).toEqual([code]);
  });

  test("[MQTT-3.2.2-8] with a code that CONNACK does not know goes out as one that it knows", () => {
    for (let code = 0x80; code <= 0xff; code++) {
      if (connackCodes.includes(code)) continue;
      const [sent] = codesOf(refusedWith(code));
      expect(connackCodes).toContain(sent);
    }
    expect(codesOf(refusedWith(ReasonCode.ServerShuttingDown))).toEqual([ReasonCode.ServerUnavailable]);
  });

  const verdict: Verdict = {
    reasonCode: ReasonCode.UseAnotherServer,
    reasonString: "this one is full",
    serverReference: "other.example:1883",
    userProperties: [
      ["zone", "b"],
      ["zone", "a"],
    ],
  };

  test("carries Reason String, Server Reference and User Properties", () => {
    const { reasonCode, ...properties } = verdict;
    expect(refusedWith(verdict).take()).toEqual([
      { type: PacketType.CONNACK, sessionPresent: false, reasonCode, properties },
    ]);
  });

  test("carries them although the client asked for no problem information: CONNACK may", () => {
    const client = refusedWith(verdict, { properties: { requestProblemInformation: false } });
    expect(client.takeFirst(PacketType.CONNACK).properties?.reasonString).toBe("this one is full");
  });

  test("[MQTT-3.2.2-19] leaves the Reason String out where it would exceed Maximum Packet Size", () => {
    const long = { reasonCode: ReasonCode.Banned, reasonString: "x".repeat(100) };
    const client = refusedWith(long, { properties: { maximumPacketSize: 100 } });
    expect(client.take()).toEqual([{ type: PacketType.CONNACK, sessionPresent: false, reasonCode: ReasonCode.Banned }]);
    const roomy = refusedWith(long, { properties: { maximumPacketSize: 200 } });
    expect(roomy.takeFirst(PacketType.CONNACK).properties?.reasonString).toBe(long.reasonString);
  });

  test("[MQTT-3.2.2-20] leaves User Properties out where they would exceed Maximum Packet Size", () => {
    const long: Verdict = { reasonCode: ReasonCode.Banned, userProperties: [["name", "x".repeat(100)]] };
    const client = refusedWith(long, { properties: { maximumPacketSize: 100 } });
    expect(client.take()).toEqual([{ type: PacketType.CONNACK, sessionPresent: false, reasonCode: ReasonCode.Banned }]);
    const roomy = refusedWith(long, { properties: { maximumPacketSize: 200 } });
    expect(roomy.takeFirst(PacketType.CONNACK).properties?.userProperties).toEqual(long.userProperties);
  });

  test("[MQTT-4.13.2-1] closes even where the CONNACK is too large to be sent", () => {
    const long = { reasonCode: ReasonCode.ServerMoved, serverReference: "x".repeat(100) };
    expect(refusedWith(long, { properties: { maximumPacketSize: 100 } }).bytes).toEqual([]);
  });
});

describe.each([3, 4] as const)("a refusal, protocol level %i", (protocolVersion) => {
  test.each([
    [ReasonCode.UnsupportedProtocolVersion, 1],
    [ReasonCode.ClientIdentifierNotValid, 2],
    [ReasonCode.ServerUnavailable, 3],
    [ReasonCode.ServerBusy, 3],
    [ReasonCode.QuotaExceeded, 3],
    [ReasonCode.UseAnotherServer, 3],
    [ReasonCode.ServerMoved, 3],
    [ReasonCode.ConnectionRateExceeded, 3],
    [ReasonCode.BadUserNameOrPassword, 4],
    [ReasonCode.NotAuthorized, 5],
    [ReasonCode.Banned, 5],
  ])("[3.1.1 MQTT-3.2.2-5] for reason %i becomes return code %i, then the close", (reasonCode, returnCode) => {
    const client = refusedWith({ reasonCode, reasonString: "not for 3.x" }, { protocolVersion });
    expect(client.bytes).toEqual([0x20, 0x02, 0x00, returnCode]);
  });

  test.each([ReasonCode.UnspecifiedError, ReasonCode.ProtocolError, ReasonCode.PayloadFormatInvalid])(
    "[3.1.1 MQTT-3.2.2-6] for reason %i, which no return code says, is the close alone",
    (reasonCode) => {
      expect(refusedWith(reasonCode, { protocolVersion }).bytes).toEqual([]);
    },
  );
});

describe("a will that the broker cannot publish as asked", () => {
  const will = { topic: "w", payload: new Uint8Array(0), qos: 0, retain: false } as const;

  const cases: [string, BrokerOptions, Partial<typeof will> | object, ReasonCode][] = [
    ["[MQTT-3.2.2-12] Will QoS 2 above Maximum QoS 1", { maximumQoS: 1 }, { qos: 2 }, ReasonCode.QoSNotSupported],
    ["[MQTT-3.2.2-12] Will QoS 1 above Maximum QoS 0", { maximumQoS: 0 }, { qos: 1 }, ReasonCode.QoSNotSupported],
    [
      "[MQTT-3.2.2-13] Will Retain where retain is not available",
      { retainAvailable: false },
      { retain: true },
      ReasonCode.RetainNotSupported,
    ],
    ["a Will Topic of the broker's own", {}, { topic: "$SYS/x" }, ReasonCode.NotAuthorized],
    ["a Will Topic with too many levels", { topicLevelsMax: 2 }, { topic: "a/b/c" }, ReasonCode.TopicNameInvalid],
  ];

  test.each(cases)("%s refuses the CONNECT", (_name, options, difference, reasonCode) => {
    const harness = new BrokerHarness(options);
    const refused = harness.connect({ will: { ...will, ...difference } });
    expect(refused.takeFirst(PacketType.CONNACK).reasonCode).toBe(reasonCode);
    expect(refused.isClosed).toBe(true);
    const before5 = harness.connect({ protocolVersion: 4, will: { ...will, ...difference } });
    expect(before5.isClosed).toBe(true);
    expect(harness.broker.sessionCount).toBe(0);
    expect(harness.connect({ will }).takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
  });

  test("one that the client may not publish refuses the CONNECT, at once or later", async () => {
    const harness = new BrokerHarness({
      hooks: [
        {
          authorizePublish: ({ message, will: isWill }) => {
            if (!isWill || message.topicName === "allowed") return undefined;
            return message.topicName === "later" ? Promise.resolve(ReasonCode.NotAuthorized) : ReasonCode.NotAuthorized;
          },
        },
      ],
    });
    for (const topic of ["at once", "later"]) {
      const client = harness.connect({ will: { ...will, topic } });
      await harness.settle();
      expect(codesOf(client)).toEqual([ReasonCode.NotAuthorized]);
      expect(client.isClosed).toBe(true);
      const before5 = harness.connect({ protocolVersion: 4, will: { ...will, topic } });
      await harness.settle();
      expect(before5.bytes).toEqual([0x20, 0x02, 0x00, 0x05]);
    }
    expect(harness.connected({ will: { ...will, topic: "allowed" } }).isClosed).toBe(false);
  });
});

test("a CONNECT above sessionsMax is refused, one for a session that is there is not", () => {
  const harness = new BrokerHarness({ sessionsMax: 1 });
  harness.connected({ clientIdentifier: "a" });
  expect(codesOf(harness.connect({ clientIdentifier: "b" }))).toEqual([ReasonCode.QuotaExceeded]);
  expect(harness.connect({ clientIdentifier: "b", protocolVersion: 4 }).bytes).toEqual([0x20, 0x02, 0x00, 0x03]);
  harness.connected({ clientIdentifier: "a", cleanStart: false });
  harness.connected({ clientIdentifier: "a" });
  expect(harness.broker.sessionCount).toBe(1);
});
