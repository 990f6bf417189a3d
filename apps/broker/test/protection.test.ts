/** Those who try too often, against the real app. */
import { hashPassword } from "@tidings/auth";
import { encodePacket, PacketType } from "@tidings/packet";
import { afterAll, expect, test } from "vitest";
import { ConfiguredBroker } from "./configured-broker.js";
import { endPrograms } from "./program.js";
import { RawConnection } from "./raw-connection.js";

afterAll(endPrograms);

const tcp = (more: object = {}) => ({ name: "tcp", type: "tcp", port: 0, ...more });

interface Attempt {
  readonly connection: RawConnection;
  readonly reasonCode: number;
}

/** A 5.0 client; its CONNACK. */
async function attempt(port: number, clientIdentifier: string, userName?: string, word?: string): Promise<Attempt> {
  const connection = new RawConnection(port);
  const packet = encodePacket(
    {
      type: PacketType.CONNECT,
      protocolVersion: 5,
      cleanStart: true,
      keepAlive: 0,
      clientIdentifier,
      userName,
      password: word === undefined ? undefined : Buffer.from(word),
    },
    5,
  );
  await connection.ask(Buffer.from(packet).toString("hex"));
  return { connection, reasonCode: Number.parseInt(connection.received.slice(6, 8), 16) };
}

test("who fails to log in has to wait, until the configuration says otherwise", async () => {
  const password = await hashPassword("right", { memoryKiB: 64, iterations: 1 });
  const configuration = (protection: object) => ({
    listeners: [tcp()],
    authentication: { users: [{ name: "anna", password }] },
    protection,
  });
  const steps = { failuresMax: 2, firstDelayMs: 600_000 };
  const broker = await new ConfiguredBroker().start(configuration({ loginBackoff: { perAddress: steps } }));
  const login = async (word: string) => (await attempt(broker.port("mqtt"), "c", "anna", word)).reasonCode;
  expect([await login("wrong"), await login("right"), await login("wrong")]).toEqual([0x86, 0, 0x86]);
  expect(await login("wrong")).toBe(0x86);
  expect(await login("right")).toBe(0x97);
  if (process.platform === "win32") return;
  const { changes } = await broker.reload(configuration({ loginBackoff: { isOff: true } }));
  expect(changes).toContain("protection");
  for (let i = 0; i < 4; i++) expect(await login("wrong")).toBe(0x86);
  expect(await login("right")).toBe(0);
});

test("who comes again and again is banned, and disconnected", async () => {
  const broker = await new ConfiguredBroker().start({
    listeners: [tcp()],
    protection: { flapping: { clientConnectsMax: 3 } },
  });
  const port = broker.port("mqtt");
  for (let i = 0; i < 3; i++) expect((await attempt(port, "flapping")).reasonCode).toBe(0);
  const last = await attempt(port, "flapping");
  expect(last.reasonCode).toBe(0);
  expect(await last.connection.closed).toMatch(/e0..87/); // DISCONNECT
  expect((await attempt(port, "flapping")).reasonCode).toBe(0x8a);
  expect((await attempt(port, "steady")).reasonCode).toBe(0);
});

test("a listener's rate ends its clients, and the broker's memory limit refuses new ones", async () => {
  const broker = await new ConfiguredBroker().start({
    listeners: [tcp({ limits: { publishRateMax: 2, publishRatePolicy: "disconnect" } }), { ...tcp(), name: "free" }],
    limits: { processMemoryBytesMax: 1_000_000 },
  });
  const limited = await attempt(broker.port("mqtt", 0), "limited");
  limited.connection.send("30 04 0001 74 00".repeat(5));
  expect(await limited.connection.closed).toMatch(/e0..96/);
  // A process of Node takes more than a megabyte: within a second or two everybody new is turned away.
  for (let code = 0; code !== 0x97; ) ({ reasonCode: code } = await attempt(broker.port("mqtt", 1), "new"));
  await broker.stop();
});
