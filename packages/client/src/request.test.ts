/** Request and response (section 4.10), and pools. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { ClientError } from "./core/client-error.js";
import { clientFactory } from "./testing/client-factory.js";
import { connectedClient } from "./testing/connected-client.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

describe("a request", () => {
  test("resolves with the response to it, and not with another one", async () => {
    const { client, environment, server } = await connectedClient();
    const first = client.request("service", "1");
    const second = client.request("service", "2");
    await environment.settle();
    const [subscribe] = server.takeAll(PacketType.SUBSCRIBE);
    const requests = server.takeAll(PacketType.PUBLISH);
    const { responseTopic = "", correlationData } = requests[1].properties ?? {};
    expect(subscribe.subscriptions[0].topicFilter).toBe(responseTopic);
    expect(requests[0].properties?.responseTopic).toBe(responseTopic);
    server.publish(responseTopic, "nobody's", { properties: { correlationData: Uint8Array.of(1) } });
    server.publish(responseTopic, "two", { properties: { correlationData } });
    server.publish(responseTopic, "one", { properties: { correlationData: requests[0].properties?.correlationData } });
    await environment.settle();
    expect([(await first).text(), (await second).text()]).toEqual(["one", "two"]);
    expect(environment.timerCount).toBe(0);
  });

  test("gives up in time, and when nobody is there", async () => {
    const { client, environment, server } = await connectedClient();
    const request = client.request("service", "1", { timeoutMs: 500 });
    request.catch(() => {});
    await environment.advance(501);
    await expect(request).rejects.toMatchObject({ code: "TIDINGS_CLIENT_REQUEST_TIMEOUT" });
    server.onPacket = (packet) => {
      if (packet.type === PacketType.PUBLISH)
        server.acknowledge(PacketType.PUBACK, packet.packetIdentifier as number, 0x10);
    };
    const lonely = client.request("service", "1");
    lonely.catch(() => {});
    await environment.settle();
    await expect(lonely).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PUBLISH_REFUSED", reasonCode: 0x10 });
  });

  test("needs 5.0", async () => {
    const { client } = await connectedClient({ protocolVersion: 4 });
    await expect(client.request("service", "1")).rejects.toMatchObject({ code: "TIDINGS_CLIENT_NOT_SUPPORTED" });
  });
});

describe("a responder", () => {
  test("answers to the Response Topic with the Correlation Data", async () => {
    const errors: ClientError[] = [];
    const { client, environment, server } = await connectedClient({ onError: (error) => void errors.push(error) });
    void client.respond("service", async (request) => {
      if (request.text() === "bad") throw new Error("cannot do that");
      return { payload: `${request.text()}!`, properties: { contentType: "text" } };
    });
    await environment.settle();
    const properties = { responseTopic: "back/to/me", correlationData: Uint8Array.of(7) };
    server.publish("service", "good", { qos: 1, packetIdentifier: 1, properties });
    server.publish("service", "bad", { qos: 1, packetIdentifier: 2, properties });
    server.publish("service", "to nobody", { qos: 1, packetIdentifier: 3 });
    await environment.settle();
    const answers = server.takeAll(PacketType.PUBLISH);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({
      topicName: "back/to/me",
      qos: 1,
      payload: new TextEncoder().encode("good!"),
      properties: { contentType: "text", correlationData: Uint8Array.of(7) },
    });
    expect(errors.map(({ code }) => code)).toEqual(["TIDINGS_CLIENT_HANDLER_FAILED"]);
  });
});

describe("a pool", () => {
  async function pool(size: number) {
    const environment = new VirtualEnvironment();
    environment.onConnection = (server) => void server.serve();
    const connecting = clientFactory(environment).connectPool("mqtt://server", { size, clientIdentifier: "pool" });
    await environment.settle();
    return { environment, pool: await connecting };
  }

  test("spreads topics over its connections, each topic over one", async () => {
    const { environment, pool: clients } = await pool(3);
    expect(environment.connections.map(({ connect }) => connect?.clientIdentifier)).toEqual([
      "pool-1",
      "pool-2",
      "pool-3",
    ]);
    for (let round = 0; round < 3; round += 1) {
      for (let topic = 0; topic < 30; topic += 1) void clients.publish(`t/${topic}`, `${round}`);
    }
    await environment.settle();
    const published = environment.connections.map((server) => server.takeAll(PacketType.PUBLISH));
    for (const packets of published) expect(packets.length).toBeGreaterThan(10);
    const places = new Map<string, Set<number>>();
    for (const [index, packets] of published.entries()) {
      for (const { topicName } of packets) places.set(topicName, (places.get(topicName) ?? new Set()).add(index));
    }
    expect(places.size).toBe(30);
    for (const indexes of places.values()) expect(indexes.size).toBe(1);
  });

  test("takes part in shared subscriptions with all, in others with one", async () => {
    const { environment, pool: clients } = await pool(3);
    const subscribing = [
      clients.subscribe("$share/group/a", { handler: () => {} }),
      clients.subscribe("plain", { handler: () => {} }),
    ];
    await environment.settle();
    const [shared, plain] = await Promise.all(subscribing);
    expect([shared.subscriptions.length, plain.subscriptions.length]).toEqual([3, 1]);
    const ended = shared.unsubscribe();
    await environment.settle();
    await ended;
    const counts = environment.connections.map((server) => server.takeAll(PacketType.UNSUBSCRIBE).length);
    expect(counts).toEqual([1, 1, 1]);
    const closed = clients.close();
    await environment.settle();
    await closed;
    expect(environment.connections.every(({ isClosed }) => isClosed)).toBe(true);
  });

  test("is there as a whole or not at all", async () => {
    const environment = new VirtualEnvironment();
    let count = 0;
    environment.onConnection = (server) => {
      count += 1;
      if (count === 2) server.onPacket = () => void server.refuse(0x87);
      else server.serve();
    };
    const connecting = clientFactory(environment).connectPool("mqtt://server", { size: 3 });
    connecting.catch(() => {});
    await environment.advance(6_000);
    await expect(connecting).rejects.toMatchObject({ reasonCode: 0x87 });
    expect(environment.connections.every(({ isClosed }) => isClosed)).toBe(true);
    await expect(clientFactory(environment).connectPool("mqtt://server", { size: 0 })).rejects.toMatchObject({
      code: "TIDINGS_CLIENT_INVALID_ARGUMENT",
    });
  });
});
