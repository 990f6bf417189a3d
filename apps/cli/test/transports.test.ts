/** Every way to a broker, from the command line: the built `tidings` against the Tidings broker and mosquitto. */
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerInfo } from "@tidings/transport";
import { SERVER_CERTIFICATE, SERVER_KEY } from "@tidings/transport/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltProgram, buildProgram } from "./build-program.js";
import { hasMosquitto, removeMosquittoFiles, startMosquitto } from "./mosquitto.js";
import { type Ended, endProcesses, type StartOptions, start } from "./processes.js";
import { closeProxies, startHttpProxy, startSocksProxy } from "./proxies.js";
import { scramHook } from "./scram-server.js";
import { closeBrokers, createTidings, portOf, startTidings } from "./tidings-broker.js";

const host = "127.0.0.1";
const PSK = "c0ffee00";

let program: BuiltProgram;
let folder = "";
const file = (name: string): string => join(folder, name);
/** Ports of the Tidings broker. */
let tidings: {
  tcp: number;
  tls: number;
  other: number;
  mutual: number;
  ws: number;
  wss: number;
  headers: Set<unknown>;
};
let mosquitto: { tls: number; mutual: number; psk: number };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidings-transports-"));
  writeFileSync(file("ca.pem"), SERVER_CERTIFICATE);
  writeFileSync(file("cert.pem"), SERVER_CERTIFICATE);
  writeFileSync(file("key.pem"), SERVER_KEY);
  const locked = createPrivateKey(SERVER_KEY).export({
    ...{ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" },
  });
  writeFileSync(file("locked.pem"), locked);
  writeFileSync(file("psk"), `me:${PSK}\n`);
  const [built, ours, theirs] = await Promise.all([
    buildProgram(),
    listenEverywhere(),
    hasMosquitto ? mosquittos() : { tls: 0, mutual: 0, psk: 0 },
  ]);
  program = built;
  tidings = ours;
  mosquitto = theirs;
});

afterAll(async () => {
  await endProcesses();
  await closeProxies();
  await closeBrokers();
  removeMosquittoFiles();
  program?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function listenEverywhere(): Promise<typeof tidings> {
  const server = await createTidings({
    hooks: [
      {
        authenticate: ({ client }) => {
          headers.add((client.peer as PeerInfo).httpHeaders?.["x-who"]);
          return 0x00;
        },
      },
    ],
  });
  const headers = new Set<unknown>();
  const tls = { key: SERVER_KEY, cert: SERVER_CERTIFICATE };
  const mutual = { ...tls, ca: SERVER_CERTIFICATE, requestCert: true, rejectUnauthorized: true };
  const port = 0;
  await server.listenUnix({ path: file("tidings.sock") });
  return {
    tcp: portOf(await server.listenTcp({ host, port })),
    tls: portOf(await server.listenTls({ host, port, tls })),
    other: portOf(await server.listenTls({ host: "127.0.0.2", port, tls })),
    mutual: portOf(await server.listenTls({ host, port, tls: mutual })),
    ws: portOf(await server.listenWebSocket({ host, port })),
    wss: portOf(await server.listenWebSocket({ host, port, tls })),
    headers,
  };
}

async function mosquittos(): Promise<typeof mosquitto> {
  const open = "allow_anonymous true";
  const tls = [`certfile ${file("cert.pem")}`, `keyfile ${file("key.pem")}`];
  const [plain, mutual, psk] = await Promise.all([
    startMosquitto([open, ...tls, `listener 0 ${file("mosquitto.sock")}`, open]),
    startMosquitto([open, ...tls, `cafile ${file("ca.pem")}`, "require_certificate true"]),
    startMosquitto([open, `psk_file ${file("psk")}`, "psk_hint tests"]),
  ]);
  return { tls: plain.port, mutual: mutual.port, psk: psk.port };
}

const run = (words: readonly string[], options?: StartOptions): Promise<Ended> =>
  start(process.execPath, [program.path, ...words], options).ended;

/** A retained message goes there and comes back. */
async function expectRoundTrip(place: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const topic = `way/${Math.random().toString(36).slice(2)}`;
  const published = await run(["pub", ...place, "-t", topic, "-m", "there and back", "-q", "1", "-r"], { env });
  expect(published).toEqual({ stdout: "", stderr: "", code: 0 });
  const { stdout, stderr, code } = await run(["sub", ...place, "-t", topic, "-C", "1", "-W", "15"], { env });
  expect({ stdout, stderr, code }).toEqual({ stdout: "there and back\n", stderr: "", code: 0 });
}

describe("to the Tidings broker", () => {
  test.concurrent.each<[string, () => string[], NodeJS.ProcessEnv?]>([
    ["TLS", () => ["-h", "localhost", "-p", String(tidings.tls), "--cafile", file("ca.pem")]],
    ["TLS by URL, unverified", () => ["-L", `mqtts://localhost:${tidings.tls}`, "--insecure"]],
    [
      "TLS with a folder of certificates",
      () => ["-p", String(tidings.tls), "--capath", folder, "--tls-version", "tlsv1.3"],
    ],
    [
      "TLS with a client certificate",
      () => ["-p", String(tidings.mutual), ...trusted(), "--cert", file("cert.pem"), "--key", file("key.pem")],
    ],
    [
      "TLS with a key that has a passphrase",
      () => ["-p", String(tidings.mutual), ...trusted(), "--cert", file("cert.pem"), "--key", file("locked.pem")],
      { TIDINGS_KEY_PASSPHRASE: "open sesame" },
    ],
    ["WebSocket", () => ["-p", String(tidings.ws), "--ws"]],
    ["WebSocket by URL", () => ["-L", `ws://localhost:${tidings.ws}/mqtt`]],
    ["secure WebSocket", () => ["-h", "localhost", "-p", String(tidings.wss), "--ws", "--cafile", file("ca.pem")]],
    ["secure WebSocket by URL", () => ["-L", `wss://localhost:${tidings.wss}/mqtt`, "--insecure"]],
    ["Unix socket", () => ["--unix", file("tidings.sock")]],
    ["Unix socket by URL", () => ["-L", `mqtt+unix://${file("tidings.sock")}`]],
  ])("over %s", async (_name, place, env) => {
    await expectRoundTrip(place(), env);
  });

  const trusted = (): string[] => ["-h", "localhost", "--cafile", file("ca.pem")];

  test.concurrent("over a SOCKS5 proxy, its URL from the environment", async () => {
    const proxy = await startSocksProxy("me", "secret");
    const env = { TIDINGS_PROXY: `socks5://me:secret@${host}:${proxy.port}` };
    await expectRoundTrip(["-h", "localhost", "-p", String(tidings.tcp)], env);
    expect(proxy.asked[0]).toMatch(new RegExp(`^me:secret@(localhost|127\\.0\\.0\\.1):${tidings.tcp}$`));
    const refused = await run([
      "conn",
      "-E",
      "-p",
      String(tidings.tcp),
      "--proxy",
      `socks5://me:x@${host}:${proxy.port}`,
    ]);
    expect(refused).toMatchObject({ stdout: "", code: 3 });
    expect(refused.stderr).toMatch(/^tidings: .*proxy.*\n$/i);
  });

  test.concurrent("over an HTTP proxy, with TLS and with WebSocket inside", async () => {
    const proxy = await startHttpProxy();
    const through = ["-h", "localhost", "--proxy", `http://${host}:${proxy.port}`];
    await expectRoundTrip([...through, "-p", String(tidings.tls), "--cafile", file("ca.pem")]);
    await expectRoundTrip([...through, "-p", String(tidings.wss), "--ws", "--cafile", file("ca.pem")]);
    expect(new Set(proxy.asked)).toEqual(new Set([`localhost:${tidings.tls}`, `localhost:${tidings.wss}`]));
  });

  test.concurrent("with headers of the WebSocket, from the command line or the environment", async () => {
    const place = ["conn", "-E", "-p", String(tidings.ws), "--ws"];
    expect((await run([...place, "--header", "X-Who=anna"])).code).toBe(0);
    expect(tidings.headers).toContain("anna");
    expect((await run(place, { env: { TIDINGS_HEADER: "X-Who=bert" } })).code).toBe(0);
    expect(tidings.headers).toContain("bert");
  });

  test.concurrent("with SCRAM-SHA-256, the password from the environment", async () => {
    const port = await startTidings({ hooks: [scramHook("anna", "pencil")] });
    const place = ["-p", String(port), "-u", "anna", "--authentication-method", "SCRAM-SHA-256"];
    await expectRoundTrip(place, { TIDINGS_PASSWORD: "pencil" });
    const wrong = await run(["conn", "-E", ...place], { env: { TIDINGS_PASSWORD: "pen" } });
    expect(wrong).toMatchObject({ stdout: "", code: 4 });
    expect(wrong.stderr).toMatch(/^tidings: .*Not authorized \(0x87\).*\n$/);
    const none = await run(["conn", "-E", ...place]);
    expect(none).toMatchObject({ stdout: "", code: 2 });
    expect(none.stderr).toMatch(/^tidings: SCRAM-SHA-256 needs .*TIDINGS_PASSWORD.*\n$/);
  });

  test.concurrent("check takes the same ways", async () => {
    const proxy = await startHttpProxy();
    const ways = [
      ["--unix", file("tidings.sock")],
      ["-h", "localhost", "-p", String(tidings.wss), "--ws", "--insecure", "--proxy", `http://${host}:${proxy.port}`],
    ];
    const [first, ...others] = await Promise.all(ways.map((way) => run(["check", "--json", "--answer", "1", ...way])));
    expect(JSON.parse(first.stdout).results.length).toBeGreaterThan(70);
    for (const { stdout } of others)
      expect(JSON.parse(stdout).results).toHaveLength(JSON.parse(first.stdout).results.length);
    expect(proxy.asked.length).toBeGreaterThan(10);
  });
});

describe.runIf(hasMosquitto)("to mosquitto", () => {
  const trusted = (): string[] => ["-h", "localhost", "--cafile", file("ca.pem")];

  test.concurrent.each<[string, () => string[], NodeJS.ProcessEnv?]>([
    ["TLS", () => ["-p", String(mosquitto.tls), ...trusted()]],
    [
      "TLS with a client certificate",
      () => ["-p", String(mosquitto.mutual), ...trusted(), "--cert", file("cert.pem"), "--key", file("key.pem")],
    ],
    ["TLS with a pre-shared key", () => ["-p", String(mosquitto.psk), "--psk", PSK, "--psk-identity", "me"]],
    [
      "TLS with a pre-shared key from the environment",
      () => ["-p", String(mosquitto.psk), "--psk-identity", "me"],
      { TIDINGS_PSK: PSK },
    ],
    ["TLS with a pre-shared key from a file", () => ["-p", String(mosquitto.psk), "--psk-file", file("psk")]],
    ["Unix socket", () => ["--unix", file("mosquitto.sock")]],
  ])("over %s", async (_name, place, env) => {
    await expectRoundTrip(place(), env);
  });
});

describe("a certificate that is not trusted", () => {
  test.concurrent.each([
    [
      "unknown",
      (): string[] => ["-h", "localhost", "-p", String(tidings.tls), "--tls"],
      /self-signed certificate\): .* --cafile/,
    ],
    [
      "for another name",
      (): string[] => ["-h", "127.0.0.2", "-p", String(tidings.other), "--cafile", file("ca.pem")],
      /altnames/,
    ],
    [
      "missing",
      (): string[] => ["-h", "localhost", "-p", String(tidings.mutual), "--cafile", file("ca.pem")],
      /certificate required/,
    ],
    ["not there at all", (): string[] => ["-h", "localhost", "-p", String(tidings.tcp), "--tls"], /hung up on TLS/],
  ])("%s: code 3 and one line that says so", async (_name, place, said) => {
    const { stdout, stderr, code } = await run(["conn", "-E", ...place(), "--connect-timeout", "10"]);
    expect({ stdout, code }).toEqual({ stdout: "", code: 3 });
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/^tidings: [^\n]+\n$/);
  });
});
