/** Seeded nonsense at every door of the real app, and in its configuration: it answers or closes, and lives on. */
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ConfigurationError } from "../src/config/configuration-error.js";
import { parseConfigurationText } from "../src/config/configuration-text.js";
import { hideSecrets } from "../src/config/hide-secrets.js";
import { configurationSchema } from "../src/config/schema.js";
import { STARTER_FILE } from "../src/config/starter-file.js";
import { Certificates } from "./certificates.js";
import { connectMqttJs } from "./clients/mqtt-js.js";
import { ConfiguredBroker } from "./configured-broker.js";
import { endPrograms } from "./program.js";

afterAll(endPrograms);

const seed = 6;
const UPGRADE =
  "GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
const STARTS: Record<string, string[]> = {
  tls: [
    "",
    "\x16\x03\x01\x00\x80\x01\x00\x00\x7c\x03\x03",
    "\x16\x03\x03\xff\xff",
    "\x15\x03\x03\x00\x02\x02\x28",
    "\x17\x03\x03\x40\x00",
  ],
  ws: [
    "",
    "GET ",
    "GET /mqtt HTTP/1.1\r\n",
    UPGRADE.slice(0, 90),
    UPGRADE,
    `${UPGRADE}\x82\xfe`,
    `${UPGRADE}\x81\x80`,
    `${UPGRADE}\x82\xff\x7f\xff\xff`,
    "POST /mqtt HTTP/1.1\r\nContent-Length: 999999\r\n\r\n",
  ],
  proxy: [
    "",
    "PROXY ",
    "PROXY TCP4 1.2.3.4 ",
    "PROXY UNKNOWN\r\n",
    "\r\n\r\n\0\r\nQUIT\n",
    "\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c",
  ],
};

/** Sends, ends, and waits for the close. */
function throwAt(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.resume();
  });
}

test("malformed TLS records, upgrade requests, WebSocket frames and PROXY headers", async () => {
  const certificates = [new Certificates().issue("localhost")];
  const hasty = { handshakeTimeoutMs: 1000 };
  const broker = await new ConfiguredBroker().start({
    listeners: [
      { name: "tls", type: "tls", port: 0, tls: { certificates }, ...hasty },
      { name: "ws", type: "ws", port: 0, ...hasty },
      { name: "proxy", type: "tcp", port: 0, proxyProtocol: { trustedAddresses: ["127.0.0.1"], timeoutMs: 1000 } },
      { name: "plain", type: "tcp", port: 0 },
    ],
    limits: { connectTimeoutMs: 1000 },
  });
  const ports: Record<string, number> = {
    tls: broker.port("mqtts"),
    ws: broker.port("ws"),
    proxy: broker.port("mqtt"),
  };
  const inputs = Object.entries(STARTS).flatMap(([kind, starts]) =>
    fc
      .sample(fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 })), { numRuns: 100, seed })
      .map(([start, tail]) => ({ port: ports[kind], bytes: Buffer.concat([Buffer.from(start, "latin1"), tail]) })),
  );
  const beganMs = performance.now();
  await Promise.all(inputs.map(({ port, bytes }) => throwAt(port, bytes)));
  expect(performance.now() - beganMs).toBeLessThan(15_000);
  const { client } = await connectMqttJs(`mqtt://127.0.0.1:${broker.port("mqtt", 1)}`, {});
  await client.publishAsync("still", "alive", { qos: 1 });
  await client.endAsync();
  expect(broker.records().filter(({ level }) => level >= 50)).toEqual([]);
  expect(await broker.stop()).toEqual({ code: 0, signal: null });
});

test("any text is a configuration or a ConfigurationError", () => {
  const mangled = fc
    .array(fc.tuple(fc.nat(STARTER_FILE.length), fc.nat(20), fc.string({ maxLength: 6 })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((edits) =>
      edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), STARTER_FILE),
    );
  const yamlish = fc
    .array(
      fc.constantFrom(
        "listeners",
        ": ",
        "- ",
        "\n",
        "  ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!binary ",
        "|",
        ">",
        "'",
        '"',
        "#",
        "? ",
        "<<: ",
        "1e999",
        "\t",
        "name",
        "%YAML 1.1\n",
        "---\n",
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(""));
  const beganMs = performance.now();
  fc.assert(
    fc.property(fc.oneof(mangled, yamlish, fc.string({ maxLength: 200 })), (text) => {
      try {
        const { value, lineOf } = parseConfigurationText(text, "x");
        const result = configurationSchema.safeParse(value);
        for (const { path } of result.error?.issues ?? []) lineOf(path as (string | number)[]);
        hideSecrets(value);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
      }
    }),
    { numRuns: 1500, seed },
  );
  expect(performance.now() - beganMs).toBeLessThan(15_000);
});
