/** The hooks around SUBSCRIBE and UNSUBSCRIBE. */
import { PacketType, type QoS, ReasonCode, type SubscriptionRequest } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { persistentClient } from "./conformance/persistent-client.js";
import type { BrokerHooks, Client } from "./index.js";
import { BrokerHarness, type TestClient } from "./testing/index.js";

/** One SUBSCRIBE for several filters at QoS 2. */
function subscribeAll(client: TestClient, ...topicFilters: string[]): TestClient {
  const options = { qos: 2, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  return client.send({
    type: PacketType.SUBSCRIBE,
    packetIdentifier: client.packetIdentifier(),
    subscriptions: topicFilters.map((topicFilter) => ({ topicFilter, ...options })),
  });
}

function codesOf(client: TestClient): number[] {
  return client.takeFirst(PacketType.SUBACK).reasonCodes;
}

/** A hook that answers when it is told to, in any order. */
class Decisions implements BrokerHooks {
  readonly asked: string[] = [];
  private readonly waiting = new Map<string, (answer: ReasonCode | undefined) => void>();
  private readonly failing = new Map<string, (error: Error) => void>();

  authorizeSubscribe(_client: Client, { topicFilter }: SubscriptionRequest): Promise<ReasonCode | undefined> {
    this.asked.push(topicFilter);
    return new Promise((resolve, reject) => {
      this.waiting.set(topicFilter, resolve);
      this.failing.set(topicFilter, reject);
    });
  }

  answer(topicFilter: string, answer?: ReasonCode): void {
    this.waiting.get(topicFilter)?.(answer);
  }

  fail(topicFilter: string): void {
    this.failing.get(topicFilter)?.(new Error("no database"));
  }
}

describe.each([3, 4, 5] as const)("authorizeSubscribe for protocol level %i", (protocolVersion) => {
  /** A refusal in the terms of the version; 3.1 grants what was asked for, and delivers nothing. */
  const refusal = (reasonCode: ReasonCode): number => ({ 3: 2, 4: 0x80, 5: reasonCode })[protocolVersion];

  test("is asked for each filter, in order, with the client and the whole request", () => {
    const asked: [string, SubscriptionRequest][] = [];
    const authorizeSubscribe = (client: Client, subscription: SubscriptionRequest): undefined => {
      asked.push([client.clientIdentifier, subscription]);
    };
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion, clientIdentifier: "me" });
    const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    const subscriptions = [
      { topicFilter: "a/+", qos: 1, ...options },
      { topicFilter: "b", qos: 0, ...options },
    ] as const;
    client.send({ type: PacketType.SUBSCRIBE, packetIdentifier: 1, subscriptions: [...subscriptions] });
    expect(asked).toEqual([
      ["me", subscriptions[0]],
      ["me", subscriptions[1]],
    ]);
    expect(codesOf(client)).toEqual([1, 0]);
  });

  test("is not asked for a filter that cannot be had anyway", () => {
    const asked: string[] = [];
    const authorizeSubscribe = (_client: Client, { topicFilter }: SubscriptionRequest): undefined => {
      asked.push(topicFilter);
    };
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }], subscriptionsMax: 1 });
    codesOf(subscribeAll(harness.connected({ protocolVersion }), "a/#/b", "a", "b"));
    expect(asked).toEqual(["a"]);
  });

  test("refuses one filter and leaves the others", () => {
    const authorizeSubscribe = (_client: Client, { topicFilter }: SubscriptionRequest): ReasonCode | undefined => {
      return topicFilter.startsWith("secret") ? ReasonCode.NotAuthorized : undefined;
    };
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion });
    subscribeAll(client, "a", "secret", "b", "secret/+");
    const refused = refusal(ReasonCode.NotAuthorized);
    expect(codesOf(client)).toEqual([2, refused, 2, refused]);
    const publisher = harness.connected();
    for (const topic of ["a", "secret", "b", "secret/x"]) publisher.publish(topic);
    expect(client.messages().map(({ topicName }) => topicName)).toEqual(["a", "b"]);
  });

  test("leaves the old subscription in place when it refuses to replace it", () => {
    let refuses = false;
    const authorizeSubscribe = (): ReasonCode | undefined => (refuses ? ReasonCode.NotAuthorized : undefined);
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion }).subscribed("a", { qos: 1 });
    refuses = true;
    client.subscribed("a", { qos: 2 });
    harness.connected().publish("a", "", { qos: 2 });
    expect(client.messages().map(({ qos }) => qos)).toEqual([1]);
  });

  test("lowers the QoS, and never raises it", () => {
    const allowed: Record<string, QoS | undefined> = { a: 0, b: 1, c: 2, d: undefined };
    const authorizeSubscribe = (_client: Client, { topicFilter }: SubscriptionRequest): QoS | undefined => {
      return allowed[topicFilter];
    };
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion });
    expect(codesOf(subscribeAll(client, "a", "b", "c", "d"))).toEqual([0, 1, 2, 2]);
    for (const [topicFilter, granted] of [
      ["a", 0],
      ["b", 0],
      ["c", 0],
    ] as const) {
      expect(codesOf(client.subscribe(topicFilter, { qos: 0 }))).toEqual([granted]);
    }
  });

  test("counts the first refusal and the lowest consent of several hooks, in their order", () => {
    const asked: string[] = [];
    const hook = (name: string, answers: Record<string, ReasonCode | undefined>): BrokerHooks => ({
      authorizeSubscribe: (_client, { topicFilter }) => {
        asked.push(`${name} ${topicFilter}`);
        return answers[topicFilter];
      },
    });
    const harness = new BrokerHarness({
      hooks: [hook("1", { a: 1, b: ReasonCode.NotAuthorized }), hook("2", { a: 2, c: 0 }), { onSubscribe: () => {} }],
    });
    const client = harness.connected({ protocolVersion });
    expect(codesOf(subscribeAll(client, "a", "b", "c"))).toEqual([1, refusal(ReasonCode.NotAuthorized), 0]);
    expect(asked).toEqual(["1 a", "2 a", "1 b", "1 c", "2 c"]);
  });

  test("refuses with 0x80 when it throws, and the connection goes on", () => {
    const failures: unknown[] = [];
    const authorizeSubscribe = (): never => {
      throw new Error("broken");
    };
    const harness = new BrokerHarness({
      hooks: [{ authorizeSubscribe }],
      observer: {
        failure: (client, error) => void failures.push([client?.clientIdentifier, (error as Error).message]),
      },
    });
    const client = harness.connected({ protocolVersion, clientIdentifier: "me" });
    expect(codesOf(subscribeAll(client, "a"))).toEqual([refusal(ReasonCode.UnspecifiedError)]);
    expect(failures).toEqual([["me", "broken"]]);
    expect(client.isClosed).toBe(false);
    expect(harness.broker.subscriptionCount).toBe(0);
  });

  test("may answer later: the connection reads nothing meanwhile, and goes on in order", async () => {
    const decisions = new Decisions();
    const harness = new BrokerHarness({ hooks: [decisions] });
    const other = harness.connected();
    const client = harness.connected({ protocolVersion });
    subscribeAll(client, "a", "b", "c");
    client.publish("a", "behind", { qos: 1 }).send({ type: PacketType.PINGREQ });
    expect(client.take()).toEqual([]);
    expect(client.isPaused).toBe(true);
    expect(decisions.asked).toEqual(["a"]);
    // Nobody else waits.
    other.send({ type: PacketType.PINGREQ });
    expect(other.take().length).toBe(1);

    decisions.answer("a", 1);
    await harness.settle();
    expect(decisions.asked).toEqual(["a", "b"]);
    expect(client.take()).toEqual([]);
    decisions.answer("b", ReasonCode.NotAuthorized);
    await harness.settle();
    expect(decisions.asked).toEqual(["a", "b", "c"]);
    decisions.answer("c");
    await harness.settle();
    expect(client.isPaused).toBe(false);
    expect(client.take()).toEqual([
      expect.objectContaining({
        type: PacketType.SUBACK,
        reasonCodes: [1, refusal(ReasonCode.NotAuthorized), 2],
      }),
      expect.objectContaining({ type: PacketType.PUBLISH, topicName: "a", qos: 1 }),
      expect.objectContaining({ type: PacketType.PUBACK }),
      expect.objectContaining({ type: PacketType.PINGRESP }),
    ]);
  });

  test("that answers later brings the retained messages behind SUBACK", async () => {
    const decisions = new Decisions();
    const harness = new BrokerHarness({ hooks: [decisions] });
    harness.connected().publish("a", "kept", { retain: true });
    const client = harness.connected({ protocolVersion }).subscribe("a");
    decisions.answer("a");
    await harness.settle();
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.SUBACK, PacketType.PUBLISH]);
  });

  test("may ask at once for one filter and later for another", async () => {
    const later = new Decisions();
    const authorizeSubscribe: BrokerHooks["authorizeSubscribe"] = (client, subscription) => {
      return subscription.topicFilter === "b" ? later.authorizeSubscribe(client, subscription) : 1;
    };
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion });
    subscribeAll(client, "a", "b", "c");
    later.answer("b", 0);
    await harness.settle();
    expect(codesOf(client)).toEqual([1, 0, 1]);
  });

  test("refuses with 0x80 when its promise is rejected", async () => {
    const failures: unknown[] = [];
    const decisions = new Decisions();
    const observer = {
      failure: (_client: unknown, error: unknown): void => void failures.push((error as Error).message),
    };
    const harness = new BrokerHarness({ hooks: [decisions], observer });
    const client = harness.connected({ protocolVersion });
    subscribeAll(client, "a", "b");
    decisions.fail("a");
    await harness.settle();
    decisions.answer("b");
    await harness.settle();
    expect(codesOf(client)).toEqual([refusal(ReasonCode.UnspecifiedError), 2]);
    expect(failures).toEqual(["no database"]);
    expect(client.isClosed).toBe(false);
  });

  test("changes nothing any more once the connection is gone", async () => {
    const decisions = new Decisions();
    const harness = new BrokerHarness({ hooks: [decisions] });
    const client = persistentClient(harness, protocolVersion, "me");
    subscribeAll(client, "a", "b");
    client.drop();
    const again = persistentClient(harness, protocolVersion, "me");
    decisions.answer("a");
    await harness.settle();
    expect(decisions.asked).toEqual(["a"]);
    expect(harness.broker.subscriptionCount).toBe(0);
    expect([...client.take(), ...again.take()]).toEqual([]);
  });

  test("changes nothing any more once another connection has taken the session over", async () => {
    const decisions = new Decisions();
    const harness = new BrokerHarness({ hooks: [decisions] });
    const client = persistentClient(harness, protocolVersion, "me");
    subscribeAll(client, "a");
    const again = persistentClient(harness, protocolVersion, "me");
    expect(client.isClosed).toBe(true);
    decisions.answer("a");
    await harness.settle();
    expect(harness.broker.subscriptionCount).toBe(0);
    expect(again.take()).toEqual([]);
  });
});

describe("onSubscribe and onUnsubscribe", () => {
  const recording = (): { hooks: BrokerHooks; calls: unknown[][] } => {
    const calls: unknown[][] = [];
    return {
      calls,
      hooks: {
        authorizeSubscribe: (_client, { topicFilter }) => (topicFilter === "secret" ? ReasonCode.NotAuthorized : 1),
        onSubscribe: (client, { topicFilter, qos }, granted) => {
          calls.push(["subscribed", client.clientIdentifier, topicFilter, qos, granted]);
        },
        onUnsubscribe: (client, topicFilter) => {
          calls.push(["unsubscribed", client.clientIdentifier, topicFilter]);
        },
      },
    };
  };

  test("are called for what was made, replaced and deleted, and for nothing else", () => {
    const { hooks, calls } = recording();
    const client = new BrokerHarness({ hooks: [hooks] }).connected({ clientIdentifier: "me" });
    subscribeAll(client, "a", "secret", "a/#/b");
    client.subscribe("a", { qos: 0 });
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 90, topicFilters: ["a", "secret", "a"] });
    expect(calls).toEqual([
      ["subscribed", "me", "a", 2, 1],
      ["subscribed", "me", "a", 0, 0],
      ["unsubscribed", "me", "a"],
    ]);
  });

  test("come after the change: the subscription is there, or gone", () => {
    const counts: number[] = [];
    const count = (): void => void counts.push(harness.broker.subscriptionCount);
    const harness: BrokerHarness = new BrokerHarness({ hooks: [{ onSubscribe: count, onUnsubscribe: count }] });
    const client = harness.connected().subscribed("a");
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 90, topicFilters: ["a"] });
    expect(counts).toEqual([1, 0]);
  });

  test("are not called for subscriptions that end with their session", () => {
    const { hooks, calls } = recording();
    new BrokerHarness({ hooks: [hooks] }).connected().subscribed("a").disconnect();
    expect(calls.length).toBe(1);
  });

  test("are reported when they throw, and what was done stays done", () => {
    const failures: unknown[] = [];
    const broken = (): never => {
      throw new Error("broken");
    };
    const harness = new BrokerHarness({
      hooks: [{ onSubscribe: broken, onUnsubscribe: broken }],
      observer: { failure: (_client, error) => void failures.push((error as Error).message) },
    });
    const client = harness.connected();
    expect(codesOf(client.subscribe("a"))).toEqual([2]);
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 90, topicFilters: ["a"] });
    expect(client.takeFirst(PacketType.UNSUBACK).reasonCodes).toEqual([0]);
    expect(failures).toEqual(["broken", "broken"]);
    expect(client.isClosed).toBe(false);
  });

  test("may publish, which the new subscription already gets", () => {
    const onSubscribe = (_client: Client, { topicFilter }: SubscriptionRequest): void => {
      harness.broker.publish({ topicName: topicFilter, payload: "welcome" });
    };
    const harness: BrokerHarness = new BrokerHarness({ hooks: [{ onSubscribe }] });
    const client = harness.connected().subscribed("a");
    expect(client.payloads()).toEqual(["welcome"]);
  });
});
