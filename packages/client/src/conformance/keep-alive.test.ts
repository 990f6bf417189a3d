/** Keep Alive as a client has to keep it, and as it judges the server by it. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { ClientError } from "../core/client-error.js";
import { connectedClient } from "../testing/connected-client.js";

describe.each([5, 4, 3] as const)("version %i", (protocolVersion) => {
  test("[MQTT-3.1.2-20] [3.1.1 MQTT-3.1.2-23] an idle client sends PINGREQ before Keep Alive has passed", async () => {
    const { environment, server } = await connectedClient({ protocolVersion, keepAlive: 60 });
    await environment.advance(54_000);
    expect(server.received).toEqual([]);
    await environment.advance(5_000);
    expect(server.take().map(({ type }) => type)).toEqual([PacketType.PINGREQ]);
    await environment.advance(59_000);
    expect(server.take().map(({ type }) => type)).toEqual([PacketType.PINGREQ]);
  });

  test("what arrives does not excuse from it, and what is sent does", async () => {
    const { client, environment, server } = await connectedClient({ protocolVersion, keepAlive: 10 });
    for (let second = 0; second < 9; second += 1) {
      server.publish("a", "x");
      await environment.advance(1_000);
    }
    expect(server.take().map(({ type }) => type)).toEqual([PacketType.PINGREQ]);
    for (let second = 0; second < 30; second += 1) {
      void client.publish("a", "x");
      server.publish("a", "x");
      await environment.advance(1_000);
    }
    expect(server.take().filter(({ type }) => type === PacketType.PINGREQ)).toEqual([]);
  });
});

test("[MQTT-3.1.2-21] [MQTT-3.2.2-21] the server's Keep Alive is the one in force", async () => {
  const { environment, server } = await connectedClient({ keepAlive: 60 }, (connection) => {
    connection.onPacket = ({ type }) => {
      if (type === PacketType.CONNECT) connection.connack({ serverKeepAlive: 8 });
    };
  });
  await environment.advance(7_000);
  expect(server.take().map(({ type }) => type)).toEqual([PacketType.PINGREQ]);
});

test("a server that does not answer is given up, and told from one that is busy", async () => {
  const errors: ClientError[] = [];
  const onDisconnect = (error: ClientError): void => void errors.push(error);
  const { environment, server } = await connectedClient({ keepAlive: 60, pingTimeoutMs: 5_000, onDisconnect });
  server.serve([]);
  await environment.advance(55_000);
  for (let second = 0; second < 20; second += 1) {
    server.publish("a", "still here");
    await environment.advance(1_000);
  }
  expect(errors).toEqual([]);
  await environment.advance(6_000);
  expect(errors).toMatchObject([{ code: "TIDINGS_CLIENT_KEEP_ALIVE_TIMEOUT" }]);
  expect(server.isClosed).toBe(true);
});

test("after a sleep the server gets the time to answer, and no more", async () => {
  const errors: ClientError[] = [];
  const onDisconnect = (error: ClientError): void => void errors.push(error);
  const { environment, server } = await connectedClient({ keepAlive: 60, onDisconnect });
  await environment.sleep(3_600_000);
  expect(server.take().map(({ type }) => type)).toEqual([PacketType.PINGREQ]);
  await environment.advance(20_000);
  expect(errors).toEqual([]);
  server.serve([]);
  await environment.advance(36_000);
  expect(server.take().map(({ type }) => type)).toEqual([PacketType.PINGREQ]);
  await environment.sleep(3_600_000); // with a PINGREQ under way
  expect(errors).toEqual([]);
  await environment.advance(11_000);
  expect(errors).toMatchObject([{ code: "TIDINGS_CLIENT_KEEP_ALIVE_TIMEOUT" }]);
});

test("with Keep Alive 0 nothing is sent and nobody is judged", async () => {
  const { client, environment, server } = await connectedClient({ keepAlive: 0 });
  server.serve([]);
  await environment.advance(10_000_000);
  expect(server.received).toEqual([]);
  expect(client.status).toBe("connected");
});
