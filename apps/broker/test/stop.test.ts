/** How it ends. */
import type { IDisconnectPacket } from "mqtt";
import { afterAll, expect, test } from "vitest";
import { connectMqttJs } from "./clients/mqtt-js.js";
import { endPrograms } from "./program.js";
import { CONNECT_3_1_1, RawConnection } from "./raw-connection.js";
import { startBroker } from "./start-broker.js";

afterAll(endPrograms);

test.each(["SIGINT", "SIGTERM"] as const)("%s says goodbye to every client and ends with 0", async (signal) => {
  const broker = await startBroker();
  const newer = await connectMqttJs(broker.url, { protocolVersion: 5 });
  const overWebSocket = await connectMqttJs(broker.webSocketUrl, { protocolVersion: 5 });
  const older = await connectMqttJs(broker.url, { protocolVersion: 4 });
  const told = [newer, overWebSocket].map(
    ({ client }) => new Promise<IDisconnectPacket>((resolve) => client.once("disconnect", resolve)),
  );
  const closed = new Promise<void>((resolve) => older.client.once("close", () => resolve()));
  broker.program.signal(signal);
  expect((await Promise.all(told)).map(({ reasonCode }) => reasonCode)).toEqual([0x8b, 0x8b]);
  await closed;
  expect(await broker.program.exit).toEqual({ code: 0, signal: null });
  expect(broker.records().slice(-2)).toMatchObject([{ msg: "stopping", signal }, { msg: "stopped" }]);
  expect(broker.program.stderr).toBe("");
});

test("what was on its way to a client at the stop still arrives", async () => {
  const broker = await startBroker();
  const { client } = await connectMqttJs(broker.url, { protocolVersion: 5 });
  await client.subscribeAsync("large");
  const payload = Buffer.alloc(900_000, "x");
  const arrived = new Promise<Buffer>((resolve) => client.once("message", (_topic, bytes) => resolve(bytes)));
  await client.publishAsync("large", payload, { qos: 1 });
  broker.program.signal("SIGTERM");
  expect((await arrived).equals(payload)).toBe(true);
  expect(await broker.program.exit).toEqual({ code: 0, signal: null });
});

test("a client that does not let go is cut off", async () => {
  const broker = await startBroker();
  const clinging = new RawConnection(broker.port, true);
  await clinging.ask(CONNECT_3_1_1);
  broker.program.signal("SIGTERM");
  expect(await broker.program.exit).toEqual({ code: 0, signal: null });
  clinging.destroy();
});

test("a second Ctrl-C ends it at once", async () => {
  const broker = await startBroker();
  const clinging = new RawConnection(broker.port, true);
  await clinging.ask(CONNECT_3_1_1);
  broker.program.signal("SIGINT");
  await broker.record("stopping");
  const insisting = setInterval(() => broker.program.signal("SIGINT"), 50);
  expect(await broker.program.exit).toEqual({ code: 130, signal: null });
  clearInterval(insisting);
  clinging.destroy();
  expect(broker.records().at(-1)?.msg).toBe("stopping");
});
