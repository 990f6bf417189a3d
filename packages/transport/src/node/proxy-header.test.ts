import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { proxyV2 } from "../testing/proxy-v2.js";
import { readProxyHeader } from "./proxy-header.js";

const nobody = { source: undefined, destination: undefined, tls: undefined };

/** Whole, behind other bytes, and cut at every length. */
function read(bytes: Buffer) {
  for (let end = 0; end < bytes.length; end++) expect(readProxyHeader(bytes.subarray(0, end))).toBeUndefined();
  const header = readProxyHeader(Buffer.concat([bytes, Buffer.from("\x10rest")]));
  expect(header?.length).toBe(bytes.length);
  return header;
}

describe("version 1", () => {
  test.each([
    ["PROXY TCP4 203.0.113.9 192.0.2.1 56324 443", "203.0.113.9", "192.0.2.1"],
    ["PROXY TCP6 2001:DB8::9 2001:db8::1 56324 443", "2001:db8::9", "2001:db8::1"],
  ])("%s", (line, from, to) => {
    expect(read(Buffer.from(`${line}\r\n`))).toMatchObject({
      source: { address: from, port: 56_324 },
      destination: { address: to, port: 443 },
    });
  });

  test.each(["PROXY UNKNOWN", "PROXY UNKNOWN ffff::1 ::1 1 2"])("%s names nobody", (line) => {
    expect(read(Buffer.from(`${line}\r\n`))).toMatchObject(nobody);
  });

  test.each([
    "PROXY TCP4 203.0.113.9 192.0.2.1 56324\r\n",
    "PROXY TCP4 203.0.113.9 192.0.2.1 56324 443 \r\n",
    "PROXY TCP4 203.0.113.9  192.0.2.1 56324 443\r\n",
    "PROXY TCP4 2001:db8::9 192.0.2.1 1 2\r\n",
    "PROXY TCP6 203.0.113.9 192.0.2.1 1 2\r\n",
    "PROXY TCP4 203.0.113.9 192.0.2.1 65536 443\r\n",
    "PROXY TCP4 203.0.113.9 192.0.2.1 0443 443\r\n",
    "PROXY TCP4 203.0.113.09 192.0.2.1 1 443\r\n",
    "PROXY UDP4 203.0.113.9 192.0.2.1 1 2\r\n",
    "PROXY  TCP4 203.0.113.9 192.0.2.1 1 2\r\n",
    "PROXY UNKNOWNX\r\n",
    "PROXY \n\r\n",
    `PROXY TCP4 ${" ".repeat(100)}`,
    "proxy TCP4 203.0.113.9 192.0.2.1 1 2\r\n",
    "\x10\x0c\x00\x04MQTT",
    "GET / HTTP/1.1\r\n\r\n",
  ])("%j is refused", (text) => {
    expect(() => readProxyHeader(Buffer.from(text, "latin1"))).toThrow(/^sent /);
  });
});

describe("version 2", () => {
  test("IPv4 and IPv6", () => {
    expect(read(proxyV2({ source: "203.0.113.9", destination: "192.0.2.1" }))).toMatchObject({
      source: { address: "203.0.113.9", port: 56_324 },
      destination: { address: "192.0.2.1", port: 443 },
      tls: undefined,
    });
    expect(read(proxyV2({ source: "2001:db8:0:0:0:0:0:9", destination: "0:0:0:0:0:0:0:1" }))).toMatchObject({
      source: { address: "2001:db8::9" },
      destination: { address: "::1" },
    });
  });

  test("a health check and other families name nobody", () => {
    expect(read(proxyV2({ command: 0x20 }))).toMatchObject(nobody);
    expect(read(proxyV2({ family: 0x00 }))).toMatchObject(nobody);
    expect(read(proxyV2({ family: 0x31 }))).toMatchObject(nobody);
  });

  test("what the proxy says of TLS", () => {
    const common = { source: "203.0.113.9", destination: "192.0.2.1", serverName: "mqtt.example" };
    expect(read(proxyV2({ ...common, ssl: { client: 7, verify: 0, commonName: "sensor-1" } }))?.tls).toEqual({
      authorized: true,
      protocol: "TLSv1.3",
      serverName: "mqtt.example",
      certificateCommonName: "sensor-1",
    });
    expect(read(proxyV2({ ...common, ssl: { client: 3, verify: 1, commonName: "liar" } }))?.tls?.authorized).toBe(
      false,
    );
    expect(read(proxyV2({ ...common, ssl: { client: 1, verify: 0 } }))?.tls).toMatchObject({
      authorized: false,
      certificateCommonName: undefined,
    });
    expect(read(proxyV2({ ...common, ssl: { client: 0, verify: 0 } }))?.tls).toBeUndefined();
  });

  test("what does not add up is refused", () => {
    const good = proxyV2({ source: "203.0.113.9", destination: "192.0.2.1", ssl: { client: 7, verify: 0 } });
    const changed = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    };
    const ssl = { client: 7, verify: 0, commonName: "a" };
    for (const bytes of [
      changed(12, 0x31), // another version
      changed(12, 0x22), // another command
      changed(14, 0x20), // 8 KiB
      changed(28 + 2, 200), // a value longer than the header
      proxyV2({ source: "203.0.113.9", destination: "192.0.2.1", extra: Buffer.from([1, 0]) }),
      proxyV2({ family: 0x21 }), // too short for two IPv6 addresses
      proxyV2({ source: "203.0.113.9", destination: "192.0.2.1", ssl, extra: Buffer.from([0x20, 0, 0]) }),
    ]) {
      expect(() => readProxyHeader(bytes)).toThrow(/^sent /);
    }
  });
});

test("any bytes give a header, a wait or an error", () => {
  const starts = fc.constantFrom("", "PROXY ", "PROXY TCP4 1.2.3.4 ", proxyV2({}).subarray(0, 12).toString("latin1"));
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 300 }), (start, tail) => {
      const bytes = Buffer.concat([Buffer.from(start, "latin1"), tail]);
      try {
        const header = readProxyHeader(bytes);
        if (header !== undefined) expect(header.length).toBeLessThanOrEqual(bytes.length);
        else expect(bytes.length).toBeLessThan(4096);
      } catch (error) {
        expect((error as Error).message).toMatch(/^sent /);
      }
    }),
    { numRuns: 3000, seed: 6 },
  );
});
