import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { connectedClient } from "./testing/connected-client.js";

test("a connection that came while the client was being closed is closed as well", async () => {
  const { client, environment, server } = await connectedClient({ reconnect: { minDelayMs: 10, maxDelayMs: 10 } });
  client.publish("a", "", { qos: 1 }).catch(() => {});
  environment.onConnection = (next) => void next.serve([PacketType.CONNECT]);
  server.stream.pause(); // takes nothing any more, not even the end of the stream
  await environment.settle();
  const closed = client.close({ timeoutMs: 1000 });
  server.send({ type: PacketType.DISCONNECT, reasonCode: 0x8b });
  await environment.advance(1000);
  await closed;
  await environment.settle();
  expect(environment.connections).toHaveLength(2);
  expect(environment.connection.take().at(-1)).toMatchObject({ type: PacketType.DISCONNECT, reasonCode: 0 });
  expect(environment.connection.isClosed).toBe(true);
  expect(environment.timerCount).toBe(0);
});

test("DISCONNECT and UNSUBSCRIBE carry what the application says, in 5.0 and where the server takes it", async () => {
  const userProperties: [string, string][] = [["why", "maintenance"]];
  const properties = { reasonString: "going home", userProperties };
  for (const protocolVersion of [5, 4] as const) {
    const { client, environment, server } = await connectedClient({ protocolVersion });
    const subscribing = client.subscribe(["a", "b"]);
    await environment.settle();
    const subscription = await subscribing;
    const unsubscribed = [
      client.unsubscribe("a", { properties: { userProperties } }),
      subscription.unsubscribe({ properties: { userProperties } }),
    ];
    await environment.settle();
    await Promise.all(unsubscribed);
    const closed = client.close({ reasonCode: 4, properties });
    await environment.settle();
    await closed;
    const isNew = protocolVersion === 5;
    for (const packet of server.takeAll(PacketType.UNSUBSCRIBE)) {
      expect(packet.properties).toEqual(isNew ? { userProperties } : undefined);
    }
    expect(server.takeFirst(PacketType.DISCONNECT)).toMatchObject(
      isNew ? { reasonCode: 4, properties } : { reasonCode: 0 },
    );
  }
});

describe("a client that is refused for good when it comes back", () => {
  const ending = expect.objectContaining({ code: "TIDINGS_CLIENT_CONNECT_REFUSED", reasonCode: 0x86 });

  async function refusedOnReturn() {
    const told: string[] = [];
    const course = await connectedClient({
      reconnect: { delay: () => 1 },
      onDisconnect: (_, retryInMs) => void told.push(`disconnect, again in ${retryInMs}`),
      onError: ({ reasonCode }) => void told.push(`error ${reasonCode}`),
    });
    const { client, environment, server } = course;
    const subscribing = client.subscribe("a");
    await environment.settle();
    const subscription = await subscribing;
    server.serve([]);
    environment.onConnection = (next) => void (next.onPacket = () => next.refuse(0x86));
    return { ...course, told, subscription };
  }

  test("keeps nobody waiting: every promise and every loop ends with the reason", async () => {
    const { client, environment, server, subscription, told } = await refusedOnReturn();
    const loop = (async () => {
      for await (const _ of subscription);
    })();
    const messages = client.messages[Symbol.asyncIterator]().next();
    const waiting = [
      loop,
      messages,
      client.publish("a", "x", { qos: 1 }),
      client.publish("a", "x", { qos: 2 }),
      client.subscribe("b"),
      client.unsubscribe("a"),
      client.request("c", "x"),
    ];
    const outcomes = Promise.allSettled(waiting);
    let ended: unknown;
    void client.closed.then((reason) => {
      ended = reason;
    });
    await environment.settle();
    expect(ended).toBeUndefined();
    server.drop();
    await environment.advance(1);
    for (const outcome of await outcomes) expect(outcome).toEqual({ status: "rejected", reason: ending });
    expect(ended).toEqual(ending);
    expect(client.status).toBe("closed");
    expect(told).toEqual(["disconnect, again in 1", "error 134"]);
    // And whoever comes later.
    const later = [client.publish("a", "x"), client.subscribe("d"), client.unsubscribe("a"), client.request("c", "x")];
    for (const outcome of await Promise.allSettled(later)) {
      expect(outcome).toEqual({ status: "rejected", reason: ending });
    }
    await expect(client.closed).resolves.toEqual(ending);
    await expect(subscription[Symbol.asyncIterator]().next()).rejects.toEqual(ending);
    await client.close();
    expect(environment.timerCount).toBe(0);
  });

  test("`closed` resolves with nothing when the end was asked for", async () => {
    const { client, environment } = await connectedClient();
    const ends = client.closed;
    const closed = client.close();
    await environment.settle();
    await closed;
    expect(await Promise.all([ends, client.closed])).toEqual([undefined, undefined]);
  });
});
