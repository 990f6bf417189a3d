import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { portOf, SERVER_TLS, temporaryDirectory } from "../testing/open-pairs.js";
import { turns } from "../testing/recorder.js";
import { connectUnix, listenTcp, listenTls, listenUnix, listenWebSocket } from "./index.js";

const host = "127.0.0.1";
const ignore = (): void => {};
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function socketPath(): Promise<string> {
  const directory = await temporaryDirectory();
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return join(directory, "mqtt.sock");
}

describe.each([
  ["tcp", "mqtt:", (port: number, at = host) => listenTcp({ host: at, port }, ignore)],
  ["tls", "mqtts:", (port: number, at = host) => listenTls({ host: at, port, tls: SERVER_TLS }, ignore)],
  ["ws", "ws:", (port: number, at = host) => listenWebSocket({ host: at, port }, ignore)],
  ["wss", "wss:", (port: number, at = host) => listenWebSocket({ host: at, port, tls: SERVER_TLS }, ignore)],
] as const)("listening on %s", (_name, protocol, listen) => {
  test("the address and the URL have the real port", async () => {
    const listener = await listen(0);
    cleanups.push(() => listener.close());
    expect(portOf(listener)).toBeGreaterThan(0);
    expect(listener.url).toMatch(new RegExp(`^${protocol}//127\\.0\\.0\\.1:${portOf(listener)}(/mqtt)?$`));
  });

  test("a port in use is TIDINGS_ADDRESS_IN_USE, and names it", async () => {
    const listener = await listen(0);
    cleanups.push(() => listener.close());
    const error = await listen(portOf(listener)).catch((error) => error);
    expect(error).toMatchObject({ code: "TIDINGS_ADDRESS_IN_USE", cause: { code: "EADDRINUSE" } });
    expect(error.message).toContain(`${host}:${portOf(listener)}`);
  });

  test("an address of another machine is TIDINGS_ADDRESS_NOT_AVAILABLE", async () => {
    await expect(listen(0, "203.0.113.1")).rejects.toMatchObject({ code: "TIDINGS_ADDRESS_NOT_AVAILABLE" });
  });

  test("a port out of range is refused", async () => {
    await expect(listen(70_000)).rejects.toMatchObject({ code: "TIDINGS_LISTEN_FAILED" });
  });
});

describe("TLS options that cannot be used", () => {
  test("are TIDINGS_TLS_CONFIGURATION", async () => {
    const tls = { key: "nonsense", cert: "nonsense" };
    const expected = { code: "TIDINGS_TLS_CONFIGURATION" };
    await expect(listenTls({ host, port: 0, tls }, ignore)).rejects.toMatchObject(expected);
    await expect(listenWebSocket({ host, port: 0, tls }, ignore)).rejects.toMatchObject(expected);
  });
});

describe("listening on a Unix socket", () => {
  test("the file goes with the listener", async () => {
    const path = await socketPath();
    const listener = await listenUnix({ path }, ignore);
    expect(listener.address).toEqual({ path });
    expect(listener.url).toBe(`unix:${path}`);
    expect(existsSync(path)).toBe(true);
    await listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test("a live one is TIDINGS_ADDRESS_IN_USE and stays alive", async () => {
    const path = await socketPath();
    const listener = await listenUnix({ path }, (stream) => stream.destroy());
    cleanups.push(() => listener.close());
    await expect(listenUnix({ path }, ignore)).rejects.toMatchObject({ code: "TIDINGS_ADDRESS_IN_USE" });
    (await connectUnix({ path })).destroy();
    await turns();
  });

  test("a stale one is replaced", async () => {
    const path = await socketPath();
    // Killed, so that it cannot tidy up.
    const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", program]);
    expect(existsSync(path)).toBe(true);
    const listener = await listenUnix({ path }, (stream) => stream.destroy());
    cleanups.push(() => listener.close());
    (await connectUnix({ path })).destroy();
    await turns();
  });

  test("a file that is no socket is left alone", async () => {
    const path = await socketPath();
    await writeFile(path, "precious");
    await expect(listenUnix({ path }, ignore)).rejects.toMatchObject({ code: "TIDINGS_ADDRESS_IN_USE" });
    expect(existsSync(path)).toBe(true);
  });

  test("a missing directory says so", async () => {
    const path = join(await socketPath(), "deeper", "mqtt.sock");
    await expect(listenUnix({ path }, ignore)).rejects.toThrow(/Cannot listen on .*mqtt\.sock/);
  });
});
