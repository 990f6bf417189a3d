/** The hook `authenticateEnhanced`: who is asked at which step, what it sees and keeps. */
import { type AuthPacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerHooks, EnhancedAuthenticateAnswer, EnhancedAuthenticateStep } from "./hooks.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "./testing/index.js";

const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

function reasonOf(client: TestClient): ReasonCode {
  return client.takeFirst(PacketType.CONNACK).reasonCode;
}

describe("authenticateEnhanced", () => {
  const connect: ConnectOptions = { properties: { authenticationMethod: "m", authenticationData: bytes("first") } };
  const auth = (data: string, reasonCode: ReasonCode = ReasonCode.ContinueAuthentication): AuthPacket => ({
    type: PacketType.AUTH,
    reasonCode,
    properties: { authenticationMethod: "m", authenticationData: bytes(data) },
  });
  const next = { reasonCode: ReasonCode.ContinueAuthentication };
  const done = { reasonCode: ReasonCode.Success };

  test("the first hook that answers takes the whole exchange, and the next exchange is open again", () => {
    const asked: string[] = [];
    const hook = (
      name: string,
      answer: (step: EnhancedAuthenticateStep) => EnhancedAuthenticateAnswer | undefined,
    ): BrokerHooks => ({
      authenticateEnhanced: (step) => {
        asked.push(`${name}${step.step}`);
        return answer(step);
      },
    });
    const harness = new BrokerHarness({
      hooks: [
        hook("a", ({ reauthentication }) => (reauthentication ? done : undefined)),
        hook("b", ({ step }) => (step === 1 ? next : done)),
        hook("c", () => done),
      ],
    });
    const client = harness.connect(connect).send(auth("second"));
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.AUTH, PacketType.CONNACK]);
    client.send(auth("again", ReasonCode.ReAuthenticate));
    expect(client.takeFirst(PacketType.AUTH).reasonCode).toBe(0);
    expect(asked).toEqual(["a1", "b1", "b2", "a1"]);
  });

  test("shows the step, its data, the packet, and keeps what the hook remembers for one exchange", () => {
    const seen: unknown[] = [];
    const harness = new BrokerHarness({
      sessionTakeOver: "any-user",
      hooks: [
        {
          authenticateEnhanced: (step) => {
            const { client, method, data, reauthentication, packet, state } = step;
            seen.push([client.clientIdentifier, method, step.step, text(data), reauthentication, packet.type, state]);
            step.state = `after ${step.step}`;
            return step.step === 1 ? next : { ...done, userName: `user ${seen.length}` };
          },
        },
      ],
    });
    const client = harness.connect({ ...connect, clientIdentifier: "c" }).send(auth("second"));
    expect(harness.broker.client("c")?.userName).toBe("user 2");
    client.send(auth("third", ReasonCode.ReAuthenticate)).send(auth("fourth"));
    expect(harness.broker.client("c")?.userName).toBe("user 4");
    expect(seen).toEqual([
      ["c", "m", 1, "first", false, PacketType.CONNECT, undefined],
      ["c", "m", 2, "second", false, PacketType.AUTH, "after 1"],
      ["c", "m", 1, "third", true, PacketType.AUTH, undefined],
      ["c", "m", 2, "fourth", true, PacketType.AUTH, "after 1"],
    ]);
  });

  test("may take its time at each step, and keeps its data", async () => {
    const seen: unknown[] = [];
    const harness = new BrokerHarness({
      hooks: [
        { authenticateEnhanced: () => Promise.resolve(undefined) },
        {
          authenticateEnhanced: async ({ step, data }) => {
            await Promise.resolve();
            seen.push(text(data));
            return step < 3 ? next : { ...done, data: bytes("welcome") };
          },
        },
      ],
    });
    const client = harness.connect(connect);
    for (const data of ["second", "third"]) {
      expect(client.received).toEqual([]);
      await harness.settle();
      expect(client.takeFirst(PacketType.AUTH).reasonCode).toBe(ReasonCode.ContinueAuthentication);
      client.send(auth(data));
    }
    await harness.settle();
    expect(text(client.takeFirst(PacketType.CONNACK).properties?.authenticationData)).toBe("welcome");
    expect(seen).toEqual(["first", "second", "third"]);
  });

  test("counts as a refusal with 0x80 when it throws or rejects, and the observer hears of it", async () => {
    for (const fail of [
      () => {
        throw new Error("broken");
      },
      () => Promise.reject(new Error("broken")),
    ]) {
      const failures: unknown[] = [];
      const observer = { failure: (_client: unknown, error: unknown) => void failures.push((error as Error).message) };
      const harness = new BrokerHarness({ hooks: [{ authenticateEnhanced: fail }], observer });
      const client = harness.connect(connect);
      await harness.settle();
      expect(reasonOf(client)).toBe(ReasonCode.UnspecifiedError);
      expect(client.isClosed).toBe(true);
      expect(failures).toEqual(["broken"]);
    }
  });

  test("is not asked about a client without an Authentication Method", () => {
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticateEnhanced: () => {
            throw new Error("was asked");
          },
        },
      ],
    });
    expect(reasonOf(harness.connect())).toBe(ReasonCode.Success);
  });
});
