/** Whoever guesses passwords has to wait. */

import type { BrokerHooks } from "@tidings/broker";
import { BrokerHarness } from "@tidings/broker/testing";
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { AuthClient, AuthHooks, Verdict } from "./auth-hooks.js";
import { type LoginBackoffOptions, loginBackoff } from "./login-backoff.js";

const YES: Verdict = { reasonCode: ReasonCode.Success };
const NO: Verdict = { reasonCode: ReasonCode.BadUserNameOrPassword };

function start(options: LoginBackoffOptions = {}) {
  let nowMs = 1_700_000_000_000;
  let asked = 0;
  const inner: AuthHooks = {
    authenticate: ({ password }) => {
      asked += 1;
      const said = new TextDecoder().decode(password);
      if (said === "unknown") return undefined;
      if (said === "busy") return { reasonCode: ReasonCode.ServerBusy };
      return Promise.resolve(said === "right" ? YES : NO);
    },
    authenticateEnhanced: ({ step }) => (step === 1 ? { reasonCode: ReasonCode.ContinueAuthentication } : NO),
    authorizePublish: () => ReasonCode.NotAuthorized,
  };
  const steps = { failuresMax: 2, firstDelayMs: 1000, delayMsMax: 4000 };
  const hooks = loginBackoff(inner, { now: () => nowMs, perUser: steps, perAddress: steps, ...options });
  const login = async (userName: string | undefined, password: string, address = "192.0.2.1"): Promise<number> => {
    const client = { clientIdentifier: "c", userName, peer: { address } } as unknown as AuthClient;
    const bytes = new TextEncoder().encode(password);
    const verdict = await hooks.authenticate?.({ client, userName, password: bytes, connect: client });
    return verdict?.reasonCode ?? -1;
  };
  return { hooks, login, pass: (milliseconds: number) => void (nowMs += milliseconds), asked: () => asked };
}

const FREE = { failuresMax: 1_000_000 };

describe("per address", () => {
  test("the wait doubles up to its limit, and nobody is asked meanwhile", async () => {
    const { login, pass, asked } = start({ perUser: FREE });
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      expect(await login(`u${round}`, "wrong")).toBe(0x86);
      const before = asked();
      let waited = 0;
      for (; (await login("other", "right")) === 0x97; waited += 500) pass(500);
      // The one that came through.
      expect(asked()).toBe(before + 1);
      waits.push(waited);
    }
    expect(waits).toEqual([0, 0, 1000, 2000, 4000, 4000]);
  });

  test("others are not concerned, IPv6 is judged by network, and success forgives nothing", async () => {
    const { login } = start({ perUser: FREE });
    for (const last of [1, 2, 3]) {
      await login("mine", "right", "2001:db8::1");
      await login("anna", "wrong", `2001:db8::${last}`);
    }
    expect(await login("anna", "right", "2001:db8::4")).toBe(0x97);
    expect(await login("anna", "right", "2001:db8:1::4")).toBe(0);
    expect(await login("anna", "right", "192.0.2.1")).toBe(0);
  });

  test("who is nobody fails as well, and a broker that is busy is nobody's fault", async () => {
    const { login } = start({ perUser: FREE });
    for (let i = 0; i < 5; i++) expect(await login("anna", "busy")).toBe(0x89);
    for (let i = 0; i < 3; i++) expect(await login("anna", "unknown")).toBe(-1);
    expect(await login("anna", "right")).toBe(0x97);
  });

  test("is forgotten after a while without failures", async () => {
    const { login, pass } = start({ perUser: FREE, forgetAfterMs: 10_000 });
    for (let i = 0; i < 2; i++) await login("anna", "wrong");
    pass(10_000);
    for (let i = 0; i < 2; i++) expect(await login("anna", "wrong")).toBe(0x86);
    expect(await login("anna", "right")).toBe(0);
  });
});

describe("per user", () => {
  test("guesses from many addresses wait, until the user is back", async () => {
    const { login, pass } = start();
    for (let i = 0; i < 3; i++) expect(await login("anna", "wrong", `192.0.2.${i}`)).toBe(0x86);
    expect(await login("anna", "right", "198.51.100.1")).toBe(0x97);
    expect(await login("bert", "right", "198.51.100.1")).toBe(0);
    pass(1000);
    expect(await login("anna", "right", "198.51.100.1")).toBe(0);
    for (let i = 10; i < 12; i++) expect(await login("anna", "wrong", `192.0.2.${i}`)).toBe(0x86);
    expect(await login("anna", "right", "198.51.100.1")).toBe(0);
  });

  test("remembers only so many", async () => {
    const { login } = start({ trackedMax: 3, perAddress: FREE });
    for (let i = 0; i < 3; i++) await login("anna", "wrong");
    expect(await login("anna", "right")).toBe(0x97);
    for (let i = 0; i < 3; i++) await login(`u${i}`, "wrong");
    expect(await login("anna", "right")).toBe(0);
  });
});

test("an exchange counts by how it ends, and is not broken off in between", () => {
  const { hooks } = start();
  const harness = new BrokerHarness({ hooks: [hooks as BrokerHooks] });
  const properties = { authenticationMethod: "m" };
  const begin = () => harness.connect({ userName: "anna", properties });
  const finish = (client: ReturnType<typeof begin>): number => {
    client.send({ type: PacketType.AUTH, reasonCode: ReasonCode.ContinueAuthentication, properties });
    return client.takeFirst(PacketType.CONNACK).reasonCode;
  };
  const early = begin();
  expect([1, 2, 3].map(() => finish(begin()))).toEqual([0x86, 0x86, 0x86]);
  expect(begin().takeFirst(PacketType.CONNACK).reasonCode).toBe(0x97);
  expect(finish(early)).toBe(0x86);
});

test("leaves everything else as it was, and adds no questions", () => {
  expect(Object.keys(loginBackoff({ authorizePublish: () => undefined }))).toEqual(["authorizePublish"]);
  expect(start().hooks.authorizePublish?.({} as never)).toBe(ReasonCode.NotAuthorized);
});
