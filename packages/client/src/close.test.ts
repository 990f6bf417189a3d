import { PacketType } from "@tidings/packet";
import { expect, test } from "vitest";
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
