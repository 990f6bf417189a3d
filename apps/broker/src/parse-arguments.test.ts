import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defaultDataDirectory } from "./default-data-directory.js";
import { type BrokerArguments, parseArguments } from "./parse-arguments.js";

const parseAny = (...words: string[]) => parseArguments(["node", "tidings-broker", ...words]);
const parse = (...words: string[]) => parseAny(...words) as BrokerArguments;

/** What an option says about a place of the configuration. */
const said = (words: string[], ...path: (string | number)[]) =>
  parse(...words).overrides.filter((override) => JSON.stringify(override.path) === JSON.stringify(path));

test("without arguments nothing is said about the configuration", () => {
  expect(parse()).toEqual({
    command: "run",
    configurationFile: undefined,
    overrides: [],
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test("options about listeners make the two listeners of the command line", () => {
  expect(parse("--port", "0", "--host", "::", "--ws-port", "65535").overrides).toEqual([
    {
      source: "--port --host --ws-port",
      path: ["listeners"],
      value: [
        { name: "mqtt", type: "tcp", host: "::", port: 0 },
        { name: "websocket", type: "ws", host: "::", port: 65_535, webClient: true },
      ],
    },
  ]);
  expect(said(["--no-ws"], "listeners")[0].value).toEqual([
    { name: "mqtt", type: "tcp", host: "127.0.0.1", port: 1883 },
  ]);
  expect(said(["--no-web-client"], "listeners")[0].value).toMatchObject([{}, { port: 8083, webClient: false }]);
  expect(said(["--allow-anonymous"], "listeners")[0].value).toMatchObject([
    { allowAnonymous: true },
    { allowAnonymous: true },
  ]);
});

test("the same port twice is fine while the system chooses it, or while one is not used", () => {
  expect(said(["--port", "0", "--ws-port", "0"], "listeners")[0].value).toMatchObject([{ port: 0 }, { port: 0 }]);
  expect(said(["--port", "8083", "--no-ws"], "listeners")[0].value).toMatchObject([{ port: 8083 }]);
});

test("state is in a directory, or in memory, whatever the file says", () => {
  const words = ["--data", "some/where", "--durability", "write", "--log-level", "silent"];
  expect(said(words, "storage", "directory")[0]).toMatchObject({ source: "--data", value: resolve("some/where") });
  expect(said(words, "storage", "memory")[0].value).toBeUndefined();
  expect(said(words, "storage", "durability")[0].value).toBe("write");
  expect(said(words, "log", "level")[0].value).toBe("silent");
  expect(said(["--memory"], "storage", "memory")[0].value).toBe(true);
});

test("a configuration can be named, checked, begun and translated", () => {
  expect(parse("--config", "a.yaml")).toMatchObject({ command: "run", configurationFile: "a.yaml" });
  expect(parse("check", "--config", "a.yaml", "--memory")).toMatchObject({
    command: "check",
    configurationFile: "a.yaml",
    overrides: [{ source: "--memory" }, {}],
  });
  expect(parseAny("init")).toEqual({ command: "init", file: "tidings.yaml" });
  expect(parseAny("init", "-")).toEqual({ command: "init", file: "-" });
  expect(parseAny("import", "m.conf", "t.yaml")).toEqual({ command: "import", source: "m.conf", file: "t.yaml" });
});

test("a store can be looked into", () => {
  const store = { command: "store", action: "stats" };
  expect(parseAny("store", "stats")).toEqual({ ...store, dataDirectory: defaultDataDirectory() });
  expect(parseAny("store", "verify", "--data", "x")).toMatchObject({ action: "verify", dataDirectory: resolve("x") });
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
