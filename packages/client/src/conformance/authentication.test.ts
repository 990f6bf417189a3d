/** Enhanced authentication as a client has to keep to it (section 4.12). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { Authenticator } from "../authenticator.js";
import { clientFactory } from "../testing/client-factory.js";
import { connectedClient } from "../testing/connected-client.js";
import type { ServerConnection } from "../testing/server-connection.js";
import { VirtualEnvironment } from "../testing/virtual-environment.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

/** Counts: one, two, … and wants "good" at the end. */
const counting: Authenticator = {
  method: "COUNT",
  begin: () => ({
    start: () => bytes("one"),
    continue: async (data) => bytes(`${text(data)}+1`),
    finish: (data) => {
      if (text(data) !== "good") throw new Error("that was not good");
    },
  }),
};

function auth(server: ServerConnection, reasonCode: number, data: string, authenticationMethod = "COUNT"): void {
  const properties = { authenticationMethod, authenticationData: bytes(data) };
  server.send({ type: PacketType.AUTH, reasonCode, properties });
}

/** Answers CONNECT with one AUTH, and its answer with CONNACK. */
function authenticating(lastWord: string): (server: ServerConnection) => void {
  return (server) => {
    let isConnecting = true;
    server.serve();
    const { onPacket } = server;
    server.onPacket = (packet) => {
      if (packet.type === PacketType.CONNECT) auth(server, 0x18, "two");
      else if (packet.type === PacketType.AUTH && packet.reasonCode === 0x18 && isConnecting) {
        isConnecting = false;
        server.connack({ authenticationMethod: "COUNT", authenticationData: bytes(lastWord) });
      } else onPacket(packet);
    };
  };
}

function connecting(play: (server: ServerConnection) => void, authentication?: Authenticator) {
  const environment = new VirtualEnvironment();
  environment.onConnection = play;
  const client = clientFactory(environment).createClient("mqtt://server", { authentication, reconnect: false });
  return { client, environment };
}

describe("connecting", () => {
  test("[MQTT-3.1.2-30] [MQTT-4.12.0-3] [MQTT-4.12.0-5] [MQTT-3.15.2-2] [MQTT-3.15.2-3] goes to and fro with AUTH 0x18, the method and nothing else until CONNACK", async () => {
    const { client, environment } = connecting(authenticating("good"), counting);
    void client.publish("a", "x");
    await environment.settle();
    const { received } = environment.connection;
    expect(received.map(({ type }) => type)).toEqual([PacketType.CONNECT, PacketType.AUTH, PacketType.PUBLISH]);
    expect(received[0]).toMatchObject({
      properties: { authenticationMethod: "COUNT", authenticationData: bytes("one") },
    });
    expect(received[1]).toEqual({
      type: PacketType.AUTH,
      reasonCode: 0x18,
      properties: { authenticationMethod: "COUNT", authenticationData: bytes("two+1") },
    });
    await client.connected;
  });

  test("ends when the server does not prove itself", async () => {
    const { client, environment } = connecting(authenticating("bad"), counting);
    await environment.settle();
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_AUTHENTICATION_FAILED" });
    expect(environment.connection.isClosed).toBe(true);
  });

  test("[MQTT-4.12.0-7] without a method there is no AUTH, and one from the server ends the connection", async () => {
    const { client, environment } = connecting((server) => {
      server.onPacket = () => auth(server, 0x18, "two");
    });
    await environment.settle();
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PROTOCOL_ERROR" });
    expect(environment.connection.received.map(({ type }) => type)).toEqual([PacketType.CONNECT]);
  });

  test("another method than the one asked for ends the connection", async () => {
    const { client, environment } = connecting((server) => {
      server.onPacket = () => auth(server, 0x18, "two", "OTHER");
    }, counting);
    await environment.settle();
    await expect(client.connected).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PROTOCOL_ERROR" });
  });
});

describe("authenticating again", () => {
  test("[MQTT-4.12.1-1] begins with AUTH 0x19 and the method of the connection", async () => {
    const { client, environment, server } = await connectedClient({ authentication: counting }, authenticating("good"));
    const done = client.reauthenticate();
    const same = client.reauthenticate();
    await environment.settle();
    expect(server.takeFirst(PacketType.AUTH)).toEqual({
      type: PacketType.AUTH,
      reasonCode: 0x19,
      properties: { authenticationMethod: "COUNT", authenticationData: bytes("one") },
    });
    auth(server, 0x18, "five");
    await environment.settle();
    expect(text(server.takeFirst(PacketType.AUTH).properties?.authenticationData)).toBe("five+1");
    auth(server, 0x00, "good");
    await environment.settle();
    await Promise.all([done, same]);
    expect(client.status).toBe("connected");
  });

  test("[MQTT-4.12.1-2] [MQTT-4.13.2-1] that fails ends the connection, with DISCONNECT before", async () => {
    const { client, environment, server } = await connectedClient(
      { authentication: counting, reconnect: false },
      authenticating("good"),
    );
    const done = client.reauthenticate();
    done.catch(() => {});
    await environment.settle();
    server.take();
    auth(server, 0x00, "bad");
    await environment.settle();
    await expect(done).rejects.toMatchObject({ code: "TIDINGS_CLIENT_AUTHENTICATION_FAILED" });
    expect(server.take()).toEqual([{ type: PacketType.DISCONNECT, reasonCode: 0x87 }]);
    expect(server.isClosed).toBe(true);
  });

  test("needs a connection and an authenticator", async () => {
    const { client } = await connectedClient();
    await expect(client.reauthenticate()).rejects.toMatchObject({ code: "TIDINGS_CLIENT_INVALID_ARGUMENT" });
  });
});
