/** The hook that is asked whether a client may come in at all, whoever it is. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerHooks } from "./hooks.js";
import { BrokerHarness } from "./testing/index.js";

describe.each([4, 5] as const)("authorizeConnect, protocol level %i", (protocolVersion) => {
  const start = (hooks: BrokerHooks[]) => new BrokerHarness({ hooks });
  const reasonOf = (harness: BrokerHarness, userName?: string, clientIdentifier = "c") => {
    const client = harness.connect({ protocolVersion, clientIdentifier, userName });
    return client.takeFirst(PacketType.CONNACK).reasonCode;
  };

  test("refuses before anybody is asked for a password", () => {
    let asked = 0;
    const authenticate = () => {
      asked += 1;
      return ReasonCode.Success;
    };
    const harness = start([
      { authenticate },
      { authorizeConnect: ({ clientIdentifier }) => (clientIdentifier === "bad" ? ReasonCode.Banned : undefined) },
    ]);
    expect(reasonOf(harness, "anna", "bad")).toBe(protocolVersion === 5 ? 0x8a : 5);
    expect(asked).toBe(0);
    expect(reasonOf(harness, "anna", "good")).toBe(0);
  });

  test("is asked again when authentication made somebody else of the client", () => {
    const asked: (string | undefined)[] = [];
    const harness = start([
      { authenticate: ({ userName }) => ({ reasonCode: 0, userName: userName === "token" ? "mallory" : undefined }) },
      {
        authorizeConnect: ({ userName }) => {
          asked.push(userName);
          return userName === "mallory" ? { reasonCode: ReasonCode.Banned, reasonString: "banned" } : undefined;
        },
      },
    ]);
    expect(reasonOf(harness, "token")).toBe(protocolVersion === 5 ? 0x8a : 5);
    expect(reasonOf(harness, "anna")).toBe(0);
    expect(asked).toEqual(["token", "mallory", "anna"]);
    expect(harness.broker.counters.clientsRefused.get(0x8a)).toBe(1);
  });

  test("is no authentication: alone it lets everybody in, and sessions belong to nobody", () => {
    const harness = start([{ authorizeConnect: () => undefined }]);
    expect([reasonOf(harness, "anna"), reasonOf(harness, "bert")]).toEqual([0, 0]);
  });

  test("one that fails refuses, and the first refusal decides", () => {
    const failing = start([
      {
        authorizeConnect: () => {
          throw new Error("no");
        },
      },
    ]);
    const client = failing.connect({ protocolVersion });
    expect(client.isClosed).toBe(true);
    expect(failing.broker.clientCount).toBe(0);
    const both = start([{ authorizeConnect: () => 0x89 }, { authorizeConnect: () => 0x8a }]);
    expect(reasonOf(both)).toBe(protocolVersion === 5 ? 0x89 : 3);
  });
});
