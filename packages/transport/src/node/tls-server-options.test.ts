/** Several certificates on one listener, and certificates that change while it is open. */
import { connect } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import type { ByteStream } from "../byte-stream.js";
import { portOf, SERVER_TLS } from "../testing/open-pairs.js";
import { CLIENT_CERTIFICATE, CLIENT_KEY, SERVER_CERTIFICATE, SERVER_KEY } from "../testing/test-certificates.js";
import { listenTls, listenWebSocket, type TlsListener, tlsServerOptions } from "./index.js";

const host = "127.0.0.1";
const first = { cert: SERVER_CERTIFICATE, key: SERVER_KEY };
const second = { cert: CLIENT_CERTIFICATE, key: CLIENT_KEY };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The certificate that a client gets; or the end of a handshake that failed. */
function handshake(listener: TlsListener, options: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: portOf(listener), rejectUnauthorized: false, ...options }, () => {
      resolve(socket.getPeerX509Certificate()?.toString().trim() ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

const keep = (stream: ByteStream): void => void cleanups.push(() => stream.destroy());

const open = async (tls: Parameters<typeof listenTls>[0]["tls"], listen: "tls" | "wss" = "tls") => {
  const listener =
    listen === "tls"
      ? await listenTls({ host, port: 0, tls }, keep)
      : ((await listenWebSocket({ host, port: 0, tls }, keep)) as TlsListener);
  cleanups.push(() => listener.close());
  return listener;
};

describe("server names", () => {
  test.each(["tls", "wss"] as const)("choose the certificate on %s", async (kind) => {
    const certificates = [first, { ...second, serverNames: ["other.example", "*.wild.example"] }] as const;
    const listener = await open(tlsServerOptions({ certificates }), kind);
    expect(await handshake(listener, { servername: "localhost" })).toBe(SERVER_CERTIFICATE);
    expect(await handshake(listener, { servername: "OTHER.example" })).toBe(CLIENT_CERTIFICATE);
    expect(await handshake(listener, { servername: "a.wild.example" })).toBe(CLIENT_CERTIFICATE);
    expect(await handshake(listener, { servername: "a.b.wild.example" })).toBe(SERVER_CERTIFICATE);
    expect(await handshake(listener, { servername: "nobody.example" })).toBe(SERVER_CERTIFICATE);
    expect(await handshake(listener)).toBe(SERVER_CERTIFICATE);
  });

  test("come from the certificates where nothing else is said", async () => {
    const listener = await open(tlsServerOptions({ certificates: [second, first] }));
    expect(await handshake(listener, { servername: "localhost" })).toBe(SERVER_CERTIFICATE);
    expect(await handshake(listener)).toBe(CLIENT_CERTIFICATE);
  });
});

test("TLS before 1.2 is refused", async () => {
  const listener = await open(tlsServerOptions({ certificates: [first] }));
  const old = { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" };
  await expect(handshake(listener, old)).rejects.toThrow();
});

test("ALPN is answered", async () => {
  const listener = await open(tlsServerOptions({ certificates: [first], ALPNProtocols: ["mqtt"] }));
  await handshake(listener, { ALPNProtocols: ["mqtt"] });
  await expect(handshake(listener, { ALPNProtocols: ["h2"] })).rejects.toThrow();
});

test("keys that cannot be used are TIDINGS_TLS_CONFIGURATION", () => {
  const code = { code: "TIDINGS_TLS_CONFIGURATION" };
  expect(() => tlsServerOptions({ certificates: [{ ...first, key: CLIENT_KEY }] })).toThrow(
    expect.objectContaining(code),
  );
  expect(() => tlsServerOptions({ certificates: [first, { cert: "x", key: "y" }] })).toThrow(
    expect.objectContaining(code),
  );
});

describe.each(["tls", "wss"] as const)("updateTls on %s", (kind) => {
  test("changes what later handshakes get, and no connection", async () => {
    const listener = await open(SERVER_TLS, kind);
    const staying = connect({ host, port: portOf(listener), rejectUnauthorized: false });
    cleanups.push(() => staying.destroy());
    await new Promise((resolve) => staying.once("secureConnect", resolve));
    listener.updateTls(tlsServerOptions({ certificates: [second, { ...first, serverNames: ["a.example"] }] }));
    expect(await handshake(listener)).toBe(CLIENT_CERTIFICATE);
    expect(await handshake(listener, { servername: "a.example" })).toBe(SERVER_CERTIFICATE);
    expect(staying.destroyed).toBe(false);
    listener.updateTls(SERVER_TLS);
    expect(await handshake(listener, { servername: "b.example" })).toBe(SERVER_CERTIFICATE);
  });

  test("with something unusable changes nothing", async () => {
    const listener = await open(SERVER_TLS, kind);
    expect(() => listener.updateTls({ key: "nonsense", cert: "nonsense" })).toThrow(
      expect.objectContaining({ code: "TIDINGS_TLS_CONFIGURATION" }),
    );
    expect(await handshake(listener)).toBe(SERVER_CERTIFICATE);
  });
});
