/** Several hooks as one: the first decisive answer, the first refusal, and no question that nobody answers. */
import { BrokerHarness } from "@tidings/broker/testing";
import { PacketType, ReasonCode, type SubscriptionRequest } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { anonymous } from "./anonymous.js";
import type { AuthHooks, Verdict } from "./auth-hooks.js";
import { chain } from "./chain.js";

const yes = { reasonCode: ReasonCode.Success };
const no = { reasonCode: ReasonCode.BadUserNameOrPassword };

describe("authentication", () => {
  const answer = (...answers: (Verdict | undefined | Promise<Verdict | undefined>)[]) => {
    const asked: number[] = [];
    const hooks = answers.map(
      (each, index): AuthHooks => ({
        authenticate: () => {
          asked.push(index);
          return each;
        },
      }),
    );
    return { hooks: chain(...hooks), asked };
  };

  test.each([
    [[undefined, yes, no], 0, [0, 1]],
    [[no, yes], 0x86, [0]],
    [[undefined, undefined], undefined, [0, 1]],
    [[Promise.resolve(undefined), no], 0x86, [0, 1]],
    [[Promise.resolve(yes), no], 0, [0]],
  ])("the first answer decides: %#", async (answers, expected, order) => {
    const { hooks, asked } = answer(...answers);
    const verdict = await hooks.authenticate?.({} as never);
    expect(verdict?.reasonCode).toBe(expected);
    expect(asked).toEqual(order);
  });

  test("waits for nobody who answers at once", () => {
    expect(answer(undefined, yes).hooks.authenticate?.({} as never)).toEqual(yes);
  });

  test("an exchange stays with whoever began it", async () => {
    const asked: string[] = [];
    const hook = (name: string, method: string): AuthHooks => ({
      authenticateEnhanced: (step) => {
        asked.push(name + step.step);
        if (step.method !== method) return undefined;
        return step.step === 1 ? { reasonCode: ReasonCode.ContinueAuthentication } : yes;
      },
    });
    const harness = new BrokerHarness({ hooks: [chain(hook("a", "other"), hook("b", "m"), hook("c", "m"))] });
    const properties = { authenticationMethod: "m" };
    const client = harness.connect({ properties });
    client.send({ type: PacketType.AUTH, reasonCode: ReasonCode.ContinueAuthentication, properties });
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.AUTH, PacketType.CONNACK]);
    expect(asked).toEqual(["a1", "b1", "b2"]);
  });
});

describe("authorization", () => {
  const subscription = { topicFilter: "t", qos: 2 } as SubscriptionRequest;

  test.each([
    [[undefined, undefined], undefined],
    [[2, 1, undefined], 1],
    [[1, 0x87, 0x80], 0x87],
    [[Promise.resolve(1), 2], 1],
    [[Promise.resolve(0x87), 2], 0x87],
    [[2, Promise.resolve(0)], 0],
  ])("the first refusal decides, else the lowest QoS: %#", async (answers, expected) => {
    const hooks = chain(...answers.map((each): AuthHooks => ({ authorizeSubscribe: () => each as never })));
    expect(await hooks.authorizeSubscribe?.({} as never, subscription)).toBe(expected);
  });

  test("publishing and receiving need everybody's consent", () => {
    const refusing: AuthHooks = { authorizePublish: () => 0x87, authorizeReceive: () => 0x87 };
    const allowing: AuthHooks = { authorizePublish: () => 0, authorizeReceive: () => undefined };
    expect(chain(allowing, refusing).authorizePublish?.({} as never)).toBe(0x87);
    expect(chain(allowing, allowing).authorizePublish?.({} as never)).toBe(undefined);
    expect(chain(allowing, { permitPublish: () => 0x87 }).permitPublish?.({} as never, "t", 0, false)).toBe(0x87);
    expect(chain(allowing, refusing).authorizeReceive?.({} as never, "t")).toBe(0x87);
    expect(chain(allowing, allowing).authorizeReceive?.({} as never, "t")).toBe(undefined);
  });
});

test("answers no question that none of its hooks answers", () => {
  expect(Object.keys(chain())).toEqual([]);
  expect(Object.keys(chain(anonymous()))).toEqual(["authenticate"]);
  expect(Object.keys(chain(anonymous(), { authorizeReceive: () => undefined }))).toEqual([
    "authenticate",
    "authorizeReceive",
  ]);
});

test("anonymous lets in who claims nothing", () => {
  const reasonOf = (userName?: string) => {
    const client = new BrokerHarness({ hooks: [chain(anonymous({ groups: ["guests"] }))] }).connect({ userName });
    return [client.takeFirst(PacketType.CONNACK).reasonCode, client.connection.principal.groups];
  };
  expect(reasonOf()).toEqual([0, ["guests"]]);
  expect(reasonOf("anna")).toEqual([ReasonCode.BadUserNameOrPassword, []]);
});
