/** The command as its user meets it: arguments, the first lines, failures. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { endPrograms, Program, REPOSITORY } from "./program.js";
import { appCommand, runApp, startBroker, stateOfItsOwn } from "./start-broker.js";

afterAll(endPrograms);

async function result(args: readonly string[]) {
  const program = runApp(args);
  const { code } = await program.exit;
  return { code, stdout: program.lines.entries.join("\n"), stderr: program.stderr };
}

/** A port of 127.0.0.1 that somebody holds until `release`. */
async function holdPort() {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { port, release: () => new Promise((resolve) => server.close(resolve)) };
}

describe("arguments", () => {
  test("--help names every option and its default", async () => {
    const { code, stdout, stderr } = await result(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const names = [
      "--port",
      "--host",
      "--ws-port",
      "--no-ws",
      "--log-level",
      "--data",
      "--memory",
      "--durability",
      "--config",
      "--allow-anonymous",
      "--help",
      "--version",
    ];
    expect(names.filter((name) => !stdout.includes(name))).toEqual([]);
    const text = stdout.replace(/\s+/g, " "); // long lines are broken anywhere
    const defaults = ["1883", '"127.0.0.1"', "8083", '"info"'].map((value) => `default: ${value})`);
    expect(defaults.filter((value) => !text.includes(value))).toEqual([]);
  });

  test("--version is that of the package", async () => {
    const { version } = JSON.parse(readFileSync(`${REPOSITORY}/apps/broker/package.json`, "utf8"));
    expect(await result(["--version"])).toEqual({ code: 0, stdout: version, stderr: "" });
  });

  test("a bad one ends it with one line", async () => {
    const { code, stdout, stderr } = await result(["--port", "99999"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: .*'--port <n>' argument '99999' is invalid.*\n$/);
  });
});

describe("an address that cannot be had", () => {
  test("is reported with one line when it is the TCP port", async () => {
    const { port, release } = await holdPort();
    const { code, stdout, stderr } = await result(["--port", `${port}`, "--no-ws"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^tidings-broker: .*\n$/);
    for (const part of [`127.0.0.1:${port}`, "already in use", "--port"]) expect(stderr).toContain(part);
    await release();
  });

  test("is reported with one line when it is the WebSocket port", async () => {
    const { port, release } = await holdPort();
    const { code, stdout, stderr } = await result(["--port", "0", "--ws-port", `${port}`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^tidings-broker: .*\n$/);
    for (const part of [`127.0.0.1:${port}`, "already in use", "--ws-port", "--no-ws"]) expect(stderr).toContain(part);
    await release();
  });

  test("is reported with one line when it is another machine's", async () => {
    const { code, stdout, stderr } = await result(["--host", "192.0.2.1", "--allow-anonymous"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^tidings-broker: Cannot listen on 192\.0\.2\.1:1883: .*--host.*\n$/);
  });
});

describe("the start", () => {
  test("says as JSON where it listens, what it keeps and how to connect", async () => {
    const broker = await startBroker();
    const last = await broker.record("MQTT.js");
    const said = broker.records();
    expect(said.every(({ level }) => level === 30)).toBe(true);
    const text = said.map(({ msg }) => msg).join("\n");
    expect(text).toContain(`listening on ${broker.url}`);
    expect(text).toContain(`listening on ${broker.webSocketUrl}`);
    expect(text).toMatch(/in memory.* lost/);
    expect(text).toContain(`mosquitto_sub -h 127.0.0.1 -p ${broker.port} `);
    expect(text).toContain(`mosquitto_pub -h 127.0.0.1 -p ${broker.port} `);
    expect(last.msg).toContain(`connectAsync("${broker.url}")`);
    expect(await broker.stop()).toEqual({ code: 0, signal: null });
    expect(broker.program.stderr).toBe("");
  });

  test("listens on every address when told so, and warns", async () => {
    const broker = await startBroker(["--host", "0.0.0.0", "--allow-anonymous"]);
    await broker.record("anybody who can reach ws:");
    const warnings = broker.records().filter(({ level }) => level === 40);
    expect(warnings.map(({ url }) => url)).toEqual([broker.url, broker.webSocketUrl]);
    expect(broker.records().some(({ msg }) => msg.includes(`mosquitto_sub -h 127.0.0.1 -p ${broker.port}`))).toBe(true);
    await broker.stop();
  });

  test("does not listen on a public address for everybody unless told so", async () => {
    const { code, stdout, stderr } = await result(["--host", "0.0.0.0", "--no-ws"]);
    expect({ code, stdout }).toEqual({ code: 78, stdout: "" });
    expect(stderr).toMatch(
      /^--host --no-ws: the listener mqtt would be open to everybody who reaches 0\.0\.0\.0: .*\n$/,
    );
    expect(stderr).toContain("--allow-anonymous");
  });

  test("--no-ws opens no WebSocket listener", async () => {
    const broker = await startBroker(["--no-ws"]);
    await broker.record("MQTT.js");
    expect(broker.records().filter(({ msg }) => msg.includes("ws://"))).toEqual([]);
    await broker.stop();
  });
});

/** Python has pseudo terminals, Node has none. What is written to the program is typed. */
const IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

test.skipIf(process.platform === "win32")("on a terminal it writes lines for people, and Ctrl-C stops it", async () => {
  const command = appCommand(["--port", "0", "--ws-port", "0"]);
  const env = { NO_COLOR: "1", ...stateOfItsOwn() };
  const program = new Program("python3", ["-c", IN_A_TERMINAL, ...command], env);
  const listening = await program.line("listening on  mqtt://127.0.0.1:");
  expect(listening).toMatch(/^ {2}listening on {2}mqtt:\/\/127\.0\.0\.1:\d+\s*$/);
  await program.line("Ctrl-C stops it.");
  program.write("\x03");
  await program.line("stopping");
  expect(await program.exit).toEqual({ code: 0, signal: null });
  const text = program.lines.entries.join("\n");
  expect(text).toMatch(/State is kept in .*: recovered 0 sessions/);
  expect(text).toMatch(/INFO.*stopped/);
  expect(text).not.toContain('"level"');
});
