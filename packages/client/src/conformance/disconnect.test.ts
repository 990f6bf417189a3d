/** The end of a connection, from either side. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { connectedClient } from "../testing/connected-client.js";

describe.each([5, 4] as const)("version %i", (protocolVersion) => {
  test("[MQTT-3.14.4-1] [MQTT-3.14.4-2] [3.1.1 MQTT-3.14.4-1] [3.1.1 MQTT-3.14.4-2] nothing follows DISCONNECT, and the client closes the connection", async () => {
    const { client, environment, server } = await connectedClient({ protocolVersion, keepAlive: 5 });
    void client.publish("a", "before");
    const closed = client.close();
    const late = client.publish("a", "after");
    await expect(late).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CLOSED" });
    await environment.settle();
    await closed;
    await environment.advance(60_000);
    expect(server.received.map(({ type }) => type)).toEqual([PacketType.PUBLISH, PacketType.DISCONNECT]);
    expect(server.isClosed).toBe(true);
  });

  test.each([
    ["a malformed packet", [0x30, 2, 0, 9], 0x81],
    ["a packet that only clients send", [0xc0, 0], 0x82],
    ["an acknowledgement of another kind than was due", [0x70, 2, 0, 1], 0x82],
    ["a second CONNACK", [0x20, 2, 0, 0], 0x82],
  ] as const)(
    "[MQTT-4.13.2-1] [3.1.1 MQTT-4.8.0-1] [3.1.1 MQTT-4.8.0-2] %s ends the connection",
    async (_, bytes, reasonCode) => {
      const { client, environment, server } = await connectedClient({ protocolVersion, reconnect: false });
      server.serve([]);
      const publishing = client.publish("a", "x", { qos: 1 });
      publishing.catch(() => {});
      await environment.settle();
      server.take();
      server.sendBytes(bytes);
      await environment.settle();
      await expect(publishing).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PROTOCOL_ERROR", reasonCode });
      expect(server.isClosed).toBe(true);
      const said = protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode }] : [];
      expect(server.take()).toEqual(said);
    },
  );
});

test("[MQTT-3.14.2-3] [MQTT-3.14.2-4] DISCONNECT leaves out what would not fit the server's Maximum Packet Size", async () => {
  for (const [maximumPacketSize, isThere] of [
    [1_000, true],
    [20, false],
  ] as const) {
    const { client, environment, server } = await connectedClient({}, (connection) => {
      connection.onPacket = ({ type }) => {
        if (type === PacketType.CONNECT) connection.connack({ maximumPacketSize });
      };
    });
    const userProperties = [["name", "a value that takes its room"]] as const;
    const closed = client.close({ properties: { sessionExpiryInterval: 5, userProperties } });
    await environment.settle();
    await closed;
    expect(server.takeFirst(PacketType.DISCONNECT).properties).toEqual(
      isThere
        ? { sessionExpiryInterval: 5, userProperties: [["name", "a value that takes its room"]] }
        : { sessionExpiryInterval: 5 },
    );
  }
});

test("the server's DISCONNECT is told with its reason", async () => {
  const { client, environment, server } = await connectedClient({ reconnect: false });
  server.send({ type: PacketType.DISCONNECT, reasonCode: 0x8b, properties: { reasonString: "see you" } });
  await environment.settle();
  expect(client.status).toBe("closed");
  await expect(client.publish("a", "y")).rejects.toMatchObject({
    code: "TIDINGS_CLIENT_DISCONNECTED",
    reasonCode: 0x8b,
    reasonString: "see you",
    message: expect.stringContaining("server shutting down (0x8b): see you"),
  });
});
