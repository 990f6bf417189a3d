/** What a consent says of a client: its name, its groups, how long it holds; and whose a session is. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { persistentClient } from "./conformance/persistent-client.js";
import type { BrokerHooks, Principal, Verdict } from "./index.js";
import { BrokerHarness, type ConnectOptions } from "./testing/index.js";

const anybody: BrokerHooks = { authenticate: () => ReasonCode.Success };

function consent(verdict: Partial<Verdict>): BrokerHooks {
  return { authenticate: () => ({ reasonCode: ReasonCode.Success, ...verdict }) };
}

describe("a consent", () => {
  test("names the user, its groups and claims", () => {
    const seen: Principal[] = [];
    const claims = { site: "north" };
    const permissions = { publish: ["a"], subscribe: [] };
    const authorizePublish: BrokerHooks["authorizePublish"] = ({ client }) => {
      seen.push(client?.principal as Principal);
      return undefined;
    };
    const harness = new BrokerHarness({
      hooks: [consent({ userName: "anna", groups: ["staff"], claims, permissions }), { authorizePublish }],
    });
    const client = harness.connected({ clientIdentifier: "c", userName: "somebody" });
    client.publish("t").publish("t");
    const peer = { name: "test" };
    expect(seen[0]).toEqual({ clientIdentifier: "c", userName: "anna", groups: ["staff"], claims, permissions, peer });
    expect(seen[1]).toBe(seen[0]); // hooks may key what they remember by it
    expect(harness.broker.client("c")?.userName).toBe("anna");
  });

  test("is known to whoever authorizes the will", () => {
    const authorizePublish: BrokerHooks["authorizePublish"] = ({ client }) =>
      client?.principal.groups.includes("staff") ? undefined : ReasonCode.NotAuthorized;
    const will = { topic: "t", payload: new Uint8Array(), qos: 0 as const, retain: false };
    for (const [groups, reasonCode] of [
      [["staff"], 0],
      [[], 0x87],
    ] as const) {
      const harness = new BrokerHarness({ hooks: [consent({ groups }), { authorizePublish }] });
      expect(harness.connect({ will }).takeFirst(PacketType.CONNACK).reasonCode).toBe(reasonCode);
    }
  });

  test("names a client that has no identifier, and no other", () => {
    const harness = new BrokerHarness({ hooks: [consent({ clientIdentifier: "given" })] });
    const connack = harness.connect({ clientIdentifier: "" }).takeFirst(PacketType.CONNACK);
    expect(connack.properties?.assignedClientIdentifier).toBe("given");
    expect(harness.broker.client("given")).toBeDefined();
    harness.connected({ clientIdentifier: "own" });
    expect(harness.broker.client("own")).toBeDefined();
  });

  test.each([3, 4, 5] as const)("ends when it said, protocol level %i", (protocolVersion) => {
    const harness = new BrokerHarness();
    const ending = new BrokerHarness({ hooks: [consent({ expiresAtMs: harness.nowMs + 10_000 })] });
    const client = ending.connected({ protocolVersion });
    ending.advance(9_500);
    expect(client.isClosed).toBe(false);
    ending.advance(1_000);
    expect(client.isClosed).toBe(true);
    if (protocolVersion === 5)
      expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.NotAuthorized);
    else expect(client.take()).toEqual([]);
  });

  test("is renewed by a re-authentication", () => {
    const startMs = new BrokerHarness().nowMs;
    const method = { authenticationMethod: "m" };
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticateEnhanced: ({ reauthentication }) => ({
            reasonCode: ReasonCode.Success,
            userName: "anna",
            groups: reauthentication ? ["new"] : ["old"],
            expiresAtMs: startMs + (reauthentication ? 20_000 : 10_000),
          }),
        },
      ],
    });
    const client = harness.connected({ properties: method });
    harness.advance(5_000);
    expect(client.connection.principal.groups).toEqual(["old"]);
    client.send({ type: PacketType.AUTH, reasonCode: ReasonCode.ReAuthenticate, properties: method });
    expect(client.connection.principal.groups).toEqual(["new"]);
    harness.advance(10_000);
    expect(client.isClosed).toBe(false);
    harness.advance(6_000);
    expect(client.isClosed).toBe(true);
  });
});

describe.each([3, 4, 5] as const)("a session, protocol level %i", (protocolVersion) => {
  const refused = { 3: 2, 4: 2, 5: ReasonCode.ClientIdentifierNotValid }[protocolVersion];
  const asUser = (userName: string | undefined, cleanStart = true): ConnectOptions => ({
    protocolVersion,
    clientIdentifier: "same",
    userName,
    cleanStart,
  });

  test("cannot be taken over by another user, connected or not, to go on with it or to end it", () => {
    const harness = new BrokerHarness({ hooks: [anybody] });
    const first = harness.connected({
      ...asUser("anna", false),
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    });
    const tryAll = (): void => {
      for (const userName of ["bert", undefined]) {
        for (const cleanStart of [true, false]) {
          const connack = harness.connect(asUser(userName, cleanStart)).takeFirst(PacketType.CONNACK);
          expect(connack.reasonCode).toBe(refused);
        }
      }
    };
    tryAll();
    expect(first.isClosed).toBe(false);
    first.drop();
    tryAll();
    expect(harness.connect(asUser("anna", false)).takeFirst(PacketType.CONNACK)).toMatchObject({ reasonCode: 0 });
  });

  test("is free again when it has ended", () => {
    const harness = new BrokerHarness({ hooks: [anybody] });
    harness.connected(asUser("anna")).drop();
    harness.connected(asUser("bert"));
  });

  test("belongs to its user after a restart too", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store, hooks: [anybody] });
    before.connected({
      ...asUser("anna", false),
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    });
    const after = new BrokerHarness({ store, hooks: [anybody] });
    await after.broker.recover(after.nowMs);
    expect(after.connect(asUser("bert")).takeFirst(PacketType.CONNACK).reasonCode).toBe(refused);
    after.connected(asUser("anna"));
  });

  test("is anybody's when nobody is authenticated, or by option", () => {
    for (const options of [{}, { hooks: [anybody], sessionTakeOver: "any-user" } as const]) {
      const harness = new BrokerHarness(options);
      const first = harness.connected(asUser("anna"));
      harness.connected(asUser("bert"));
      expect(first.isClosed).toBe(true);
    }
  });
});

describe("a re-authentication", () => {
  test("as another user ends the connection", () => {
    const method = { authenticationMethod: "m" };
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticateEnhanced: ({ reauthentication }) => ({
            reasonCode: ReasonCode.Success,
            userName: reauthentication ? "bert" : "anna",
          }),
        },
      ],
    });
    const client = harness.connected({ properties: method });
    client.send({ type: PacketType.AUTH, reasonCode: ReasonCode.ReAuthenticate, properties: method });
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.NotAuthorized);
    expect(client.isClosed).toBe(true);
  });
});

test("who is unknown to every hook is refused as if the password were wrong", () => {
  const harness = new BrokerHarness({ hooks: [{ authenticate: () => undefined }] });
  const reasonOf = (options: ConnectOptions) => harness.connect(options).takeFirst(PacketType.CONNACK).reasonCode;
  expect(reasonOf({ userName: "anna", password: Uint8Array.of(1) })).toBe(ReasonCode.BadUserNameOrPassword);
  expect(reasonOf({ userName: "anna" })).toBe(ReasonCode.BadUserNameOrPassword);
  expect(reasonOf({})).toBe(ReasonCode.NotAuthorized);
});

test("persistent sessions of the same user go on as ever", () => {
  const harness = new BrokerHarness({ hooks: [anybody] });
  persistentClient(harness, 5, "c").drop();
  expect(persistentClient(harness, 5, "c").connection.isConnected).toBe(true);
});
