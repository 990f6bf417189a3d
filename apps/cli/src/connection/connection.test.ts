import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeReason, reasonText } from "../reason-text.js";
import { connectionUrl } from "./connection-settings.js";
import { loadTls } from "./load-tls.js";
import { parseUrl } from "./parse-url.js";
import { readSecret } from "./read-secret.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("URLs", () => {
  test.each([
    ["mqtt://h", { scheme: "mqtt", host: "h" }],
    [
      "mqtts://anna:p%40ss@h:8884/a/b%20c",
      { scheme: "mqtts", host: "h", port: 8884, username: "anna", password: "p@ss", topic: "a/b c" },
    ],
    ["mqtt://h/a/#", { scheme: "mqtt", host: "h", topic: "a/#" }],
    ["mqtt://[::1]:1884/t", { scheme: "mqtt", host: "::1", port: 1884, topic: "t" }],
    ["ws://h:8083/mqtt?x=1", { scheme: "ws", host: "h", port: 8083, path: "/mqtt?x=1" }],
    ["wss://h", { scheme: "wss", host: "h" }],
    ["mqtt+unix:///run/m.sock", { scheme: "unix", host: "", path: "/run/m.sock" }],
  ])("%s", (text, parts) => {
    expect(parseUrl(text)).toEqual(parts);
  });

  test.each(["h", "http://h", "mqtt://", "localhost:1883"])("%j is refused", (text) => {
    expect(() => parseUrl(text)).toThrow("-L: ");
  });

  test("are shown without secrets", () => {
    const base = { host: "::1", keepAlive: 60, cleanStart: true, properties: {}, tls: {}, reconnects: true };
    expect(connectionUrl({ ...base, scheme: "mqtt", password: "secret", username: "anna" })).toBe("mqtt://[::1]:1883");
    expect(connectionUrl({ ...base, scheme: "wss", host: "h", port: 1 })).toBe("wss://h:1/mqtt");
    expect(connectionUrl({ ...base, scheme: "unix", path: "/run/m.sock" })).toBe("mqtt+unix:///run/m.sock");
  });
});

describe("secrets", () => {
  const sources = { flag: "--password-file", variable: "TIDINGS_PASSWORD" };

  test("from the command line, a file, the environment, in this order", () => {
    const file = join(folder, "secret");
    writeFileSync(file, "from the file\n\n");
    const environment = { TIDINGS_PASSWORD: "from outside" };
    expect(readSecret({ ...sources, given: "here", file }, environment)).toBe("here");
    expect(readSecret({ ...sources, file }, environment)).toBe("from the file\n");
    expect(readSecret(sources, environment)).toBe("from outside");
    expect(readSecret(sources, {})).toBeUndefined();
  });

  test("a missing file is named", () => {
    expect(() => readSecret({ ...sources, file: "/no/such" })).toThrow(
      "Cannot read /no/such (--password-file): no such file or directory.",
    );
  });
});

describe("TLS files", () => {
  test("are read", () => {
    const file = join(folder, "ca.pem");
    const certificate = "-----BEGIN CERTIFICATE-----\n";
    writeFileSync(file, certificate);
    expect(loadTls({ caFile: file, certFile: file, keyFile: file, keyPassphrase: "x", alpnProtocol: "mqtt" })).toEqual({
      ca: [certificate],
      cert: certificate,
      key: certificate,
      passphrase: "x",
      ALPNProtocols: ["mqtt"],
    });
    expect(loadTls({ caFolder: folder }).ca).toEqual([certificate]);
    expect(loadTls({ insecure: "certificate" })).toEqual({ rejectUnauthorized: false });
    expect(loadTls({ insecure: "name" }).checkServerIdentity).toBeTypeOf("function");
    expect(loadTls({ psk: "c0ffee", pskIdentity: "me" }).ciphers).toBe("PSK");
  });

  test("a bad one is named", () => {
    expect(() => loadTls({ keyFile: "/no/such" })).toThrow("Cannot read /no/such (--key): no such file or directory.");
    expect(() => loadTls({ caFolder: "/no/such" })).toThrow("(--capath)");
    expect(() => loadTls({ psk: "xyz" })).toThrow("--psk is not hexadecimal.");
  });
});

test("reasons in words", () => {
  expect(reasonText(0x87)).toBe("Not authorized");
  expect(reasonText(0x9b)).toBe("QoS not supported");
  expect(reasonText(5, 4)).toBe("not authorized");
  expect(reasonText(0xf0)).toBe("unknown reason");
  expect(describeReason(0x97, "full")).toBe("Quota exceeded (0x97): full");
});
