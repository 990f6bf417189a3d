/** The hook `authenticate`: who is asked, in which order, what an answer does. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { AuthenticateRequest, BrokerHooks } from "./hooks.js";
import { BrokerHarness, type TestClient } from "./testing/index.js";

const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

function reasonOf(client: TestClient): ReasonCode {
  return client.takeFirst(PacketType.CONNACK).reasonCode;
}

/** A promise, and the functions that settle it. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve = (_value: T): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}

describe("authenticate", () => {
  type Answer = ReturnType<NonNullable<BrokerHooks["authenticate"]>>;

  /** Hooks that give these answers, and the order in which they were asked. */
  function asking(...answers: (Answer | (() => Answer))[]): {
    harness: BrokerHarness;
    asked: number[];
    failures: unknown[];
  } {
    const asked: number[] = [];
    const failures: unknown[] = [];
    const hooks = answers.map(
      (answer, index): BrokerHooks => ({
        authenticate: () => {
          asked.push(index);
          return typeof answer === "function" ? answer() : answer;
        },
      }),
    );
    const observer = { failure: (_client: unknown, error: unknown) => void failures.push((error as Error).message) };
    return { harness: new BrokerHarness({ hooks, observer }), asked, failures };
  }

  test("lets everybody in when there is no such hook", () => {
    expect(reasonOf(new BrokerHarness({ hooks: [{ onConnect: () => {} }] }).connect())).toBe(ReasonCode.Success);
  });

  test.each([
    [[0, 0x86], 0, [0]],
    [[0x86, 0], 0x86, [0]],
    [[undefined, 0x86, 0], 0x86, [0, 1]],
    [[undefined, 0], 0, [0, 1]],
    [[undefined, undefined], 0x87, [0, 1]],
    [[{ reasonCode: 0x88 }, 0], 0x88, [0]],
  ])("asks in order until one has an opinion: %j is %i", (answers, reasonCode, asked) => {
    const sync = asking(...answers);
    expect(reasonOf(sync.harness.connect())).toBe(reasonCode);
    expect(sync.asked).toEqual(asked);
  });

  test.each([
    [[0, 0x86], 0, [0]],
    [[undefined, 0x86, 0], 0x86, [0, 1]],
    [[undefined, undefined], 0x87, [0, 1]],
  ])("asks in the same order when answers come later: %j is %i", async (answers, reasonCode, asked) => {
    const later = asking(...answers.map((answer) => () => Promise.resolve(answer)));
    const client = later.harness.connect();
    expect(client.received).toEqual([]);
    await later.harness.settle();
    expect(reasonOf(client)).toBe(reasonCode);
    expect(later.asked).toEqual(asked);
  });

  test("takes a hook that throws or rejects as a refusal with 0x80, and tells the observer", async () => {
    const throwing = asking(() => {
      throw new Error("thrown");
    }, 0);
    expect(reasonOf(throwing.harness.connect())).toBe(ReasonCode.UnspecifiedError);
    expect([throwing.asked, throwing.failures]).toEqual([[0], ["thrown"]]);
    const rejecting = asking(undefined, () => Promise.reject(new Error("rejected")), 0);
    const client = rejecting.harness.connect();
    await rejecting.harness.settle();
    expect(reasonOf(client)).toBe(ReasonCode.UnspecifiedError);
    expect([rejecting.asked, rejecting.failures]).toEqual([[0, 1], ["rejected"]]);
    const before5 = asking(() => {
      throw new Error("thrown");
    }).harness.connect({ protocolVersion: 4 });
    expect([before5.bytes, before5.isClosed]).toEqual([[], true]);
  });

  test("tells more with a consent or a refusal, in CONNACK", () => {
    const userProperties: [string, string][] = [["node", "7"]];
    for (const reasonCode of [ReasonCode.Success, ReasonCode.ServerBusy]) {
      const { harness } = asking({ reasonCode, reasonString: "why", userProperties });
      const { properties } = harness.connect().takeFirst(PacketType.CONNACK);
      expect(properties).toMatchObject({ reasonString: "why", userProperties });
      const before5 = harness.connect({ protocolVersion: 4 });
      expect(before5.bytes).toEqual([0x20, 0x02, 0x00, reasonCode === 0 ? 0 : 3]);
    }
  });

  test("tells no more with a consent than the client has room for", () => {
    const { harness } = asking({ reasonCode: 0, reasonString: "x".repeat(100) });
    const connack = harness.connect({ properties: { maximumPacketSize: 100 } }).takeFirst(PacketType.CONNACK);
    expect(connack.reasonCode).toBe(0);
    expect(connack.properties).not.toHaveProperty("reasonString");
  });

  test.each([3, 4, 5] as const)("shows who asks, protocol level %i", (protocolVersion) => {
    const seen: unknown[] = [];
    const authenticate = ({ client, connect, userName, password }: AuthenticateRequest): ReasonCode => {
      const { clientIdentifier, isConnected, peer } = client;
      seen.push([clientIdentifier, client.protocolVersion, client.userName, isConnected, peer]);
      seen.push([connect.clientIdentifier, connect.keepAlive, userName, text(password)]);
      client.data = "remembered";
      return ReasonCode.Success;
    };
    const remembered: unknown[] = [];
    const onConnect: BrokerHooks["onConnect"] = (client, sessionPresent) =>
      void remembered.push([client.data, client.isConnected, client.keepAlive, sessionPresent]);
    const harness = new BrokerHarness({ hooks: [{ authenticate, onConnect }] });
    const credentials = { userName: "user", password: bytes("secret") };
    harness.connected({ protocolVersion, clientIdentifier: "c", keepAlive: 30, ...credentials });
    expect(seen).toEqual([
      ["c", protocolVersion, "user", false, { name: "test" }],
      ["c", 30, "user", "secret"],
    ]);
    expect(remembered).toEqual([["remembered", true, 30, false]]);
    expect(harness.broker.client("c")?.userName).toBe("user");
  });

  test("is asked for the identifier that the broker assigned", () => {
    const identifiers: string[] = [];
    const harness = new BrokerHarness({
      hooks: [{ authenticate: ({ client }) => identifiers.push(client.clientIdentifier) && ReasonCode.Success }],
    });
    const { properties } = harness.connect({ clientIdentifier: "" }).takeFirst(PacketType.CONNACK);
    expect(identifiers).toEqual([properties?.assignedClientIdentifier]);
  });

  test("may read the password until its promise settles, whatever becomes of the bytes that came", async () => {
    const gate = deferred<void>();
    const passwords: unknown[] = [];
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticate: async ({ password }) => {
            await gate.promise;
            passwords.push(text(password));
            return ReasonCode.Success;
          },
        },
      ],
    });
    const will = { topic: "will", payload: bytes("kept"), qos: 0, retain: false } as const;
    const client = harness.connect({ userName: "user", password: bytes("secret"), will });
    gate.resolve();
    await harness.settle();
    expect(reasonOf(client)).toBe(0);
    expect(passwords).toEqual(["secret"]);
    const witness = harness.connect();
    await harness.settle();
    witness.take();
    witness.subscribed("will");
    client.drop();
    expect(witness.payloads()).toEqual(["kept"]);
  });

  test("does not hear of a connection that was never let in again: no onConnect, no onDisconnect", async () => {
    const gate = deferred<ReasonCode>();
    const heard: string[] = [];
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticate: ({ userName }) => (userName === undefined ? ReasonCode.Banned : gate.promise),
          onConnect: () => void heard.push("connect"),
          onDisconnect: () => void heard.push("disconnect"),
        },
      ],
    });
    harness.connect();
    harness.connect({ userName: "gone meanwhile" }).drop();
    gate.resolve(ReasonCode.Success);
    await harness.settle();
    expect(heard).toEqual([]);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("keeps one client waiting, not the others", async () => {
    const gate = deferred<ReasonCode>();
    const harness = new BrokerHarness({
      hooks: [{ authenticate: ({ userName }) => (userName === "slow" ? gate.promise : ReasonCode.Success) }],
    });
    const slow = harness.connect({ userName: "slow" });
    const quick = harness.connected({ userName: "quick" }).subscribed("t").publish("t", "goes on");
    expect(quick.payloads()).toEqual(["goes on"]);
    expect([slow.isPaused, quick.isPaused]).toEqual([true, false]);
    gate.resolve(ReasonCode.Success);
    await harness.settle();
    expect(reasonOf(slow)).toBe(0);
  });

  test("is not asked about a client that names an Authentication Method", () => {
    const { harness, asked } = asking(ReasonCode.Success);
    const client = harness.connect({ properties: { authenticationMethod: "m" } });
    expect(reasonOf(client)).toBe(ReasonCode.BadAuthenticationMethod);
    expect(asked).toEqual([]);
  });
});
