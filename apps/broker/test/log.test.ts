/** What the log holds: connections on level debug, messages never, failures always. */
import { get } from "node:http";
import { afterAll, expect, test } from "vitest";
import { connectMqttJs } from "./clients/mqtt-js.js";
import { endPrograms } from "./program.js";
import { CONNECT_3_1_1, CONNECT_5_0, RawConnection } from "./raw-connection.js";
import { runApp, startBroker } from "./start-broker.js";

afterAll(endPrograms);

test("level debug has one line for each connect, refusal, broken packet and close", async () => {
  const broker = await startBroker(["--log-level", "debug"]);
  const ready = await broker.record("MQTT.js");
  const address = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
  let seen = broker.records().findIndex(({ msg }) => msg === ready.msg) + 1;
  /** The next lines, without what every line has. One line too many shows up in the next call. */
  const logged = async (count: number) => {
    await broker.program.lines.atLeast(seen + count);
    const records = broker.records().slice(seen);
    seen += records.length;
    return records.map(({ time: _time, pid: _pid, hostname: _hostname, ...record }) => record);
  };

  const { client } = await connectMqttJs(broker.url, { protocolVersion: 5, clientId: "good", keepalive: 30 });
  await client.subscribeAsync("a");
  for (const qos of [0, 1, 2] as const) await client.publishAsync("a", "x", { qos });
  await client.endAsync();
  const who = { level: 20, clientId: "good", address, transport: "tcp", listener: "mqtt" };
  expect(await logged(2)).toEqual([
    { ...who, msg: "client connected", protocolVersion: 5, cleanStart: true, keepAlive: 30 },
    { ...who, msg: "client disconnected", reasonCode: "0x00", byServer: false },
  ]);

  // A PUBLISH with QoS 3 after a good CONNECT.
  const malformed = new RawConnection(broker.port);
  malformed.send(`${CONNECT_5_0} 36 05 0001 61 0001`);
  expect(await malformed.closed).toMatch(/e0..81.*$/); // DISCONNECT, Malformed Packet
  const raw = { level: 20, clientId: "raw", address, transport: "tcp", listener: "mqtt" };
  expect(await logged(3)).toEqual([
    { ...raw, msg: "client connected", protocolVersion: 5, cleanStart: true, keepAlive: 60 },
    { ...raw, msg: "protocol error, closing", reasonCode: "0x81", reason: expect.stringMatching(/QoS/) },
    { ...raw, msg: "client disconnected", reasonCode: "0x81", byServer: true },
  ]);

  // Refused: 3.1.1 without a Client Identifier that wants its session kept.
  const refused = new RawConnection(broker.port);
  refused.send("10 0c 0004 4d515454 04 00 003c 0000");
  expect(await refused.closed).toBe("20020002");
  expect(await logged(1)).toEqual([{ ...raw, clientId: "", msg: "connection refused", reasonCode: "0x85" }]);

  // A version that does not exist: one line, though it is an error and a refusal.
  const future = new RawConnection(broker.port);
  future.send("10 0d 0004 4d515454 06 02 003c 00 0000");
  await future.closed;
  const one = { ...raw, clientId: "", msg: "protocol error, closing", reasonCode: "0x84", reason: expect.any(String) };
  expect(await logged(1)).toEqual([one]);

  // No CONNECT at all.
  const stranger = new RawConnection(broker.port);
  stranger.send("c0 00");
  expect(await stranger.closed).toBe("");
  expect(await logged(1)).toEqual([{ ...one, reasonCode: "0x81", reason: "the first packet is not CONNECT" }]);

  // Somebody who only looks whether the port is open.
  new RawConnection(broker.port).endInput();
  expect(await logged(1)).toEqual([{ ...raw, clientId: "", msg: "connection closed without a CONNECT" }]);

  // A WebSocket that does not offer MQTT.
  const status = await new Promise((resolve) => {
    const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
    const url = broker.webSocketUrl.replace("ws:", "http:");
    const options = { headers: { ...headers, "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" } };
    get(url, options, (response) => resolve(response.statusCode));
  });
  expect(status).toBe(400);
  const reason = expect.stringContaining("subprotocol mqtt");
  expect(await logged(1)).toEqual([{ level: 20, listener: "websocket", msg: "connection refused", reason }]);
  await broker.stop();
  expect((await logged(2)).map(({ msg }) => msg)).toEqual(["stopping", "stopped"]);
});

test("level info tells nothing about clients", async () => {
  const broker = await startBroker();
  await broker.record("MQTT.js");
  const before = broker.records().length;
  const { client } = await connectMqttJs(broker.url, {});
  await client.publishAsync("a", "x", { qos: 2 });
  await client.endAsync();
  const broken = new RawConnection(broker.port);
  broken.send(`${CONNECT_3_1_1} f0 00`);
  await broken.closed;
  await broker.stop();
  expect(
    broker
      .records()
      .slice(before)
      .map(({ msg }) => msg),
  ).toEqual(["stopping", "stopped"]);
});

test.each([
  ["an error that nobody catches", `() => { throw new Error("boom") }`],
  ["a rejection that nobody handles", `() => { Promise.reject(new Error("boom")) }`],
])("%s is logged as fatal and ends the program", async (_title, action) => {
  const saboteur = `data:text/javascript,process.once("SIGUSR2", ${action})`;
  const broker = await startBroker([], ["--import", saboteur]);
  broker.program.signal("SIGUSR2");
  expect(await broker.program.exit).toEqual({ code: 1, signal: null });
  const last = broker.records().at(-1);
  expect(last).toMatchObject({ level: 60, err: { message: "boom" }, msg: "unexpected error, exiting" });
});

test("level silent is silent", async () => {
  const broker = await startBroker();
  const port = broker.port;
  await broker.stop(); // its port is free now
  const program = runApp(["--port", `${port}`, "--no-ws", "--log-level", "silent"]);
  const client = await retry(() => connectMqttJs(broker.url, {}).then((connection) => connection.client));
  await client.endAsync();
  program.signal("SIGTERM");
  expect(await program.exit).toEqual({ code: 0, signal: null });
  expect({ out: program.lines.entries, err: program.stderr }).toEqual({ out: [], err: "" });
});

/** Until it works; the test's own time-out ends it. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
