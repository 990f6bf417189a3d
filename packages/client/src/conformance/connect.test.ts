/** CONNECT, CONNACK and the session behind them, as a client has to keep to them. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { clientFactory } from "../testing/client-factory.js";
import { connectedClient } from "../testing/connected-client.js";
import type { ServerConnection } from "../testing/server-connection.js";
import { VirtualEnvironment } from "../testing/virtual-environment.js";

/** Serves, with CONNACKs of the test. */
function serving(sessionPresent: (connection: number) => boolean): (server: ServerConnection) => void {
  let count = 0;
  return (server) => {
    const index = count++;
    server.serve();
    const { onPacket } = server;
    server.onPacket = (packet) => {
      if (packet.type === PacketType.CONNECT) server.connack(undefined, sessionPresent(index));
      else onPacket(packet);
    };
  };
}

describe.each([5, 4] as const)("version %i", (protocolVersion) => {
  test("[MQTT-3.1.0-1] [3.1.1 MQTT-3.1.0-1] CONNECT is the first packet, and the only one until CONNACK", async () => {
    const environment = new VirtualEnvironment();
    const client = clientFactory(environment).createClient("mqtt://server", { protocolVersion });
    void client.publish("a", "x", { qos: 1 });
    void client.subscribe("b");
    await environment.settle();
    expect(environment.connection.received.map(({ type }) => type)).toEqual([PacketType.CONNECT]);
    environment.connection.connack();
    await environment.settle();
    const types = environment.connection.received.map(({ type }) => type);
    expect(types.slice(1).sort()).toEqual([PacketType.PUBLISH, PacketType.SUBSCRIBE]);
  });

  test("[MQTT-3.1.2-4] [3.1.1 MQTT-3.1.2-6] a clean start begins a session, and nothing of an earlier one is used", async () => {
    const options = {
      protocolVersion,
      cleanStart: true,
      properties: { sessionExpiryInterval: 0 },
      reconnect: { minDelayMs: 0 },
    };
    const { client, environment, server } = await connectedClient(
      options,
      serving(() => false),
    );
    server.onPacket = () => {};
    const lost = client.publish("a", "twice?", { qos: 2 });
    const repeated = client.publish("a", "again", { qos: 1 });
    lost.catch(() => {});
    await environment.settle();
    expect(server.connect?.cleanStart).toBe(true);
    server.drop();
    await environment.advance(10);
    expect(environment.connection.connect?.cleanStart).toBe(true);
    await expect(lost).rejects.toMatchObject({ code: "TIDINGS_CLIENT_SESSION_LOST" });
    await expect(repeated).resolves.toEqual({ reasonCode: 0 });
    const published = environment.connection.takeAll(PacketType.PUBLISH);
    expect(published.map(({ dup, qos }) => ({ dup, qos }))).toEqual([{ dup: false, qos: 1 }]);
  });

  test("[MQTT-3.1.2-23] [MQTT-3.1.3-2] [MQTT-4.1.0-1] [3.1.1 MQTT-3.1.2-4] [3.1.1 MQTT-3.1.3-2] [3.1.1 MQTT-4.1.0-1] [3.1.1 MQTT-4.1.0-2] a session that lasts is resumed under its Client Identifier, with what was in flight", async () => {
    const options = {
      protocolVersion,
      cleanStart: false,
      clientIdentifier: "me",
      properties: { sessionExpiryInterval: 100 },
      reconnect: { minDelayMs: 0 },
    };
    const { client, environment, server } = await connectedClient(
      options,
      serving((index) => index > 0),
    );
    server.onPacket = () => {};
    const first = client.publish("a", "1", { qos: 1 });
    const second = client.publish("a", "2", { qos: 2 });
    await environment.settle();
    const sent = server.takeAll(PacketType.PUBLISH);
    server.drop();
    await environment.advance(10);
    const { connect } = environment.connection;
    expect([connect?.clientIdentifier, connect?.cleanStart]).toEqual(["me", false]);
    const again = environment.connection.takeAll(PacketType.PUBLISH);
    expect(again).toEqual(sent.map((packet) => ({ ...packet, dup: true })));
    await Promise.all([first, second]);
  });
});

test("[3.1.1 MQTT-3.1.3-7] an empty Client Identifier without a clean session is refused before the wire", async () => {
  const environment = new VirtualEnvironment();
  const options = { protocolVersion: 4, clientIdentifier: "", cleanStart: false } as const;
  const connecting = clientFactory(environment).connect("mqtt://server", options);
  connecting.catch(() => {});
  await environment.settle();
  await expect(connecting).rejects.toMatchObject({ code: "TIDINGS_CLIENT_INVALID_ARGUMENT" });
  expect(environment.connections).toEqual([]);
});

test("[MQTT-3.2.2-4] a Session Present that cannot be ends the connection", async () => {
  const environment = new VirtualEnvironment();
  environment.onConnection = serving(() => true);
  const connecting = clientFactory(environment).connect("mqtt://server", { reconnect: false });
  connecting.catch(() => {});
  await environment.settle();
  await expect(connecting).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PROTOCOL_ERROR" });
  expect(environment.connection.isClosed).toBe(true);
});

test("[MQTT-3.2.2-5] without Session Present the client lets go of its session and goes on", async () => {
  const options = { cleanStart: false, clientIdentifier: "me", properties: { sessionExpiryInterval: 100 } };
  const got: string[] = [];
  const { client, environment, server } = await connectedClient(
    { ...options, reconnect: { minDelayMs: 0 } },
    serving(() => false),
  );
  const subscribing = client.subscribe("t", { qos: 2, handler: (message) => void got.push(message.text()) });
  await environment.settle();
  await subscribing;
  server.onPacket = () => {};
  server.publish("t", "x", { qos: 2, packetIdentifier: 4 });
  const publishing = client.publish("a", "1", { qos: 1 });
  await environment.settle();
  const first = server.takeAll(PacketType.PUBLISH)[0];
  server.drop();
  await environment.advance(10);
  const second = environment.connection;
  // Subscribed again, before anything else.
  expect(second.received.map(({ type }) => type).slice(0, 2)).toEqual([PacketType.CONNECT, PacketType.SUBSCRIBE]);
  expect(second.takeAll(PacketType.PUBLISH).map(({ dup }) => dup)).toEqual([false]);
  expect(first.dup).toBe(false);
  await publishing;
  // The identifier of the lost session means a new message now.
  second.publish("t", "y", { qos: 2, packetIdentifier: 4 });
  await environment.settle();
  expect(got).toEqual(["x", "y"]);
});

test("[3.1.1 MQTT-7.0.0-2] [3.1.1 MQTT-7.1.2-1] nothing but what the standard has is on the wire, over any ordered stream of bytes", async () => {
  const { server } = await connectedClient({ protocolVersion: 4, clientIdentifier: "me", keepAlive: 10 });
  const bytes = [0x10, 14, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 2, 0x6d, 0x65];
  expect(server.bytes).toEqual(bytes);
});
