import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { ConnectOptions } from "./connect-options.js";
import { parseServerAddress } from "./server-address.js";
import { clientFactory } from "./testing/client-factory.js";
import { connectedClient } from "./testing/connected-client.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

describe.each([5, 4, 3] as const)("a client of version %i", (protocolVersion) => {
  test("publishes at each QoS, and each promise resolves with the end of its handshake", async () => {
    const { client, environment, server } = await connectedClient({ protocolVersion });
    server.serve([]);
    const settled: string[] = [];
    for (const qos of [0, 1, 2] as const) {
      client.publish("a/b", `qos ${qos}`, { qos }).then(() => settled.push(`qos ${qos}`));
    }
    await environment.settle();
    const published = server.takeAll(PacketType.PUBLISH);
    expect(published.map(({ qos, payload }) => [qos, new TextDecoder().decode(payload)])).toEqual([
      [0, "qos 0"],
      [1, "qos 1"],
      [2, "qos 2"],
    ]);
    expect(settled).toEqual(["qos 0"]);
    server.acknowledge(PacketType.PUBACK, published[1].packetIdentifier as number);
    server.acknowledge(PacketType.PUBREC, published[2].packetIdentifier as number);
    await environment.settle();
    expect(settled).toEqual(["qos 0", "qos 1"]);
    const { packetIdentifier } = server.takeFirst(PacketType.PUBREL);
    expect(packetIdentifier).toBe(published[2].packetIdentifier);
    server.acknowledge(PacketType.PUBCOMP, packetIdentifier);
    await environment.settle();
    expect(settled).toEqual(["qos 0", "qos 1", "qos 2"]);
  });

  test("subscribes, iterates, unsubscribes and closes", async () => {
    const { client, environment, server } = await connectedClient({ protocolVersion });
    const subscribing = client.subscribe("a/+", { qos: 1 });
    await environment.settle();
    const subscription = await subscribing;
    expect([...subscription.granted]).toEqual([["a/+", 1]]);
    server.publish("a/b", "one").publish("a/c", "two", { qos: 1, packetIdentifier: 7 });
    await environment.settle();
    expect(server.takeAll(PacketType.PUBACK)).toEqual([]);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const message of subscription) seen.push(`${message.topic} ${message.text()}`);
    })();
    await environment.settle();
    expect(seen).toEqual(["a/b one", "a/c two"]);
    expect(server.takeAll(PacketType.PUBACK).map(({ packetIdentifier }) => packetIdentifier)).toEqual([7]);
    const unsubscribed = subscription.unsubscribe();
    await environment.settle();
    await Promise.all([unsubscribed, reading]);
    expect(server.takeFirst(PacketType.UNSUBSCRIBE).topicFilters).toEqual(["a/+"]);
    const closed = client.close();
    await environment.settle();
    await closed;
    expect(server.received.at(-1)?.type).toBe(PacketType.DISCONNECT);
    expect(server.isClosed).toBe(true);
    expect(environment.timerCount).toBe(0);
    expect(client.status).toBe("closed");
  });

  test("asks for a sign of life when told to, and only over a connection", async () => {
    const { client, environment, server } = await connectedClient({ protocolVersion, keepAlive: 60 });
    await environment.advance(30_000);
    client.ping();
    await environment.advance(20_000);
    expect(server.takeAll(PacketType.PINGREQ)).toHaveLength(1);
    expect(client.status).toBe("connected");
    const closed = client.close();
    await environment.settle();
    await closed;
    client.ping();
    await environment.settle();
    expect(server.takeAll(PacketType.PINGREQ)).toEqual([]);
  });

  test("uses the stream that `wrapStream` answers with", async () => {
    let bytesWritten = 0;
    const wrapStream: ConnectOptions["wrapStream"] = (stream) =>
      new Proxy(stream, {
        get(target, name) {
          const value = Reflect.get(target, name, target);
          if (typeof value !== "function") return value;
          return (...values: unknown[]) => {
            if (name === "write") bytesWritten += (values[0] as Uint8Array).length;
            return value.apply(target, values);
          };
        },
      });
    const { client, environment, server } = await connectedClient({ protocolVersion, wrapStream });
    await client.publish("a", "b");
    await environment.settle();
    expect(server.takeAll(PacketType.PUBLISH)).toHaveLength(1);
    expect(bytesWritten).toBe(server.bytes.length);
  });

  test("opens no stream itself with `openStream`", async () => {
    const environment = new VirtualEnvironment();
    const elsewhere = new VirtualEnvironment();
    elsewhere.onConnection = (server) => void server.serve();
    const urls: string[] = [];
    const client = clientFactory(environment).createClient("mqtt://server", {
      protocolVersion,
      openStream: (url, options) => {
        urls.push(`${url} ${options.subprotocol}`);
        return elsewhere.open(parseServerAddress(url), options);
      },
    });
    for (let round = 0; round < 3; round += 1) {
      await environment.settle();
      await elsewhere.settle();
    }
    expect(client.status).toBe("connected");
    expect(urls).toEqual([`mqtt://server:1883 ${protocolVersion === 3 ? "mqttv3.1" : "mqtt"}`]);
    expect(environment.opened).toEqual([]);
  });
});
