import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defaultDataDirectory } from "./default-data-directory.js";
import { type BrokerArguments, parseArguments } from "./parse-arguments.js";

const parseAny = (...words: string[]) => parseArguments(["node", "tidings-broker", ...words]);
const parse = (...words: string[]) => parseAny(...words) as BrokerArguments;

test("without arguments", () => {
  expect(parse()).toEqual({
    port: 1883,
    host: "127.0.0.1",
    webSocketPort: 8083,
    webClient: true,
    logLevel: "info",
    dataDirectory: defaultDataDirectory(),
    durability: "fsync",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test("with all of them", () => {
  const words = ["--port", "0", "--host", "::", "--ws-port", "65535", "--log-level", "silent"];
  expect(parse(...words)).toMatchObject({ port: 0, host: "::", webSocketPort: 65_535, logLevel: "silent" });
  expect(parse("--no-ws")).toMatchObject({ webSocketPort: undefined, webClient: false });
  expect(parse("--no-web-client")).toMatchObject({ webSocketPort: 8083, webClient: false });
});

test("the same port twice is fine while the system chooses it, or while one is not used", () => {
  expect(parse("--port", "0", "--ws-port", "0")).toMatchObject({ port: 0, webSocketPort: 0 });
  expect(parse("--port", "8083", "--no-ws")).toMatchObject({ port: 8083 });
});

test("state is in a directory, or in memory", () => {
  expect(parse("--data", "some/where", "--durability", "write")).toMatchObject({
    dataDirectory: resolve("some/where"),
    durability: "write",
  });
  expect(parse("--memory").dataDirectory).toBeUndefined();
});

test("a store can be looked into", () => {
  expect(parseAny("store", "stats")).toEqual({ storeAction: "stats", dataDirectory: defaultDataDirectory() });
  expect(parseAny("store", "verify", "--data", "x")).toEqual({ storeAction: "verify", dataDirectory: resolve("x") });
});

describe("bad ones end the process with code 1 and one line", () => {
  let written = "";
  beforeEach(() => {
    written = "";
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      written += text;
      return true;
    });
    vi.spyOn(process, "exit").mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
  });
  afterEach(() => vi.restoreAllMocks());

  test.each([
    [["--port", "65536"], "Use a number from 0 to 65535."],
    [["--port", "-1"], "Use a number from 0 to 65535."],
    [["--ws-port", "1e3"], "Use a number from 0 to 65535."],
    [["--ws-port", ""], "Use a number from 0 to 65535."],
    [["--port"], "argument missing"],
    [["--host", " "], "Use an address such as 127.0.0.1."],
    [["--log-level", "loud"], "Allowed choices are trace, debug, info, warn, error, fatal, silent."],
    [["--durability", "maybe"], "Allowed choices are fsync, write, none."],
    [["--memory", "--data", "x"], "cannot be used with option"],
    [["--tls"], "unknown option '--tls'"],
    [["1883"], "too many arguments"],
    [["--port", "8083"], "--port and --ws-port are both 8083."],
  ])("%j", (words, reason) => {
    expect(() => parse(...words)).toThrow("exit 1");
    expect(written).toMatch(/^error: .*\n$/);
    expect(written).toContain(reason);
  });
});
