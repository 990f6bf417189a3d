/** User name and password of CONNECT, in a broker: who comes in, what an unknown user learns, and how much goes on at a time. */
import { BrokerHarness, type ConnectOptions } from "@tidings/broker/testing";
import { PacketType, ReasonCode } from "@tidings/packet";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { AuthenticateRequest, AuthHooks, Verdict } from "./auth-hooks.js";
import { hashPassword } from "./hash-password.js";
import { userPasswords } from "./user-passwords.js";
import { MemoryUserStore, type StoredUser } from "./user-store.js";
import { WorkLimit } from "./work-limit.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let password: string;

beforeAll(async () => {
  password = await hashPassword("right", { memoryKiB: 64, iterations: 1 });
});

function store(about: Partial<StoredUser> = {}): MemoryUserStore {
  return new MemoryUserStore([{ userName: "anna", password, groups: ["staff"], ...about }]);
}

function request(userName: string | undefined, text: string | undefined): AuthenticateRequest {
  const principal = {
    clientIdentifier: "c",
    userName,
    groups: [],
    claims: undefined,
    permissions: undefined,
    peer: undefined,
  };
  const client = { clientIdentifier: "c", userName, peer: undefined, principal };
  return {
    client,
    userName,
    password: text === undefined ? undefined : bytes(text),
    connect: { clientIdentifier: "c" },
  };
}

/** Waits for what CONNECT is answered. */
async function answered(hooks: AuthHooks, options: ConnectOptions): Promise<number> {
  const harness = new BrokerHarness({ hooks: [hooks] });
  const client = harness.connect(options);
  await vi.waitUntil(
    () => {
      harness.endTurn();
      return client.received.length > 0;
    },
    { timeout: 15_000, interval: 1 },
  );
  return client.takeFirst(PacketType.CONNACK).reasonCode;
}

describe.each([3, 4, 5] as const)("protocol level %i", (protocolVersion) => {
  const wrong = protocolVersion === 5 ? ReasonCode.BadUserNameOrPassword : 4;

  test.each([
    ["anna", "right", 0],
    ["anna", "wrong", wrong],
    ["anna", "", wrong],
    ["bert", "right", wrong], // an unknown user gets the same answer as a wrong password
  ])("%s with %j: %i", async (userName, text, expected) => {
    const options = { protocolVersion, userName, password: bytes(text) };
    expect(await answered(userPasswords(store()), options)).toBe(expected);
  });

  test("who is disabled does not come in", async () => {
    const options = { protocolVersion, userName: "anna", password: bytes("right") };
    expect(await answered(userPasswords(store({ isDisabled: true })), options)).toBe(wrong);
    expect(await answered(userPasswords(store({ password: undefined })), options)).toBe(wrong);
  });
});

test("says who the user is, and has no opinion about whom it does not know", async () => {
  const hooks = userPasswords(store());
  const consent = { reasonCode: ReasonCode.Success, userName: "anna", groups: ["staff"] };
  expect(await hooks.authenticate?.(request("anna", "right"))).toEqual(consent);
  expect(await hooks.authenticate?.(request("bert", "right"))).toBe(undefined);
  expect(await hooks.authenticate?.(request(undefined, "right"))).toBe(undefined);
  expect(await hooks.authenticate?.(request("anna", undefined))).toEqual({
    reasonCode: ReasonCode.BadUserNameOrPassword,
  });
});

test("an empty password that is stored needs a password in CONNECT all the same", async () => {
  const hooks = userPasswords(store({ password: await hashPassword("", { memoryKiB: 64, iterations: 1 }) }));
  expect(await hooks.authenticate?.(request("anna", ""))).toMatchObject({ reasonCode: 0 });
  expect(await hooks.authenticate?.(request("anna", undefined))).toEqual({
    reasonCode: ReasonCode.BadUserNameOrPassword,
  });
});

test("an unknown user takes as long as a known one", async () => {
  const hooks = userPasswords(new MemoryUserStore([{ userName: "anna", password: await hashPassword("right") }]));
  const costs = { anna: [] as number[], bert: [] as number[] };
  for (let i = 0; i < 7; i++) {
    for (const userName of ["anna", "bert"] as const) {
      const start = process.cpuUsage();
      await hooks.authenticate?.(request(userName, "wrong"));
      costs[userName].push(process.cpuUsage(start).user);
    }
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[3];
  expect(median(costs.bert) / median(costs.anna)).toBeGreaterThan(0.5); // without the work it would be below 0.01
});

test("refuses with 0x89 when too many wait", async () => {
  const hooks = userPasswords(store(), { verificationsMax: 1, waitingMax: 1 });
  const answers = (await Promise.all(
    ["right", "right", "right"].map((text) => hooks.authenticate?.(request("anna", text))),
  )) as Verdict[];
  expect(answers.map(({ reasonCode }) => reasonCode)).toEqual([0, 0, ReasonCode.ServerBusy]);
  expect(await hooks.authenticate?.(request("anna", "right"))).toMatchObject({ reasonCode: 0 });
});

test("a bound on work lets so many run, in order, and goes on after a failure", async () => {
  const limit = new WorkLimit(2, 10, "a test");
  const running = new Set<number>();
  const seen: number[][] = [];
  const settle: (() => void)[] = [];
  const tasks = [0, 1, 2, 3].map((number) =>
    limit.run(async () => {
      running.add(number);
      seen.push([...running]);
      await new Promise<void>((resolve) => settle.push(resolve));
      running.delete(number);
      if (number === 0) throw new Error("failed");
      return number;
    }),
  );
  const outcome = Promise.allSettled(tasks);
  for (let i = 0; i < 4; i++) {
    await new Promise(setImmediate);
    settle[i]();
  }
  const settled = (await outcome).map((each) => (each.status === "fulfilled" ? each.value : "failed"));
  expect(settled).toEqual(["failed", 1, 2, 3]);
  expect(seen).toEqual([[0], [0, 1], [1, 2], [2, 3]]);
});
