/** `tidings` itself, built, against the Tidings broker and mosquitto. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltProgram, buildProgram } from "./build-program.js";
import { freePort, hasMosquitto, removeMosquittoFiles, startMosquitto } from "./mosquitto.js";
import { type Ended, endProcesses, type Started, type StartOptions, start } from "./processes.js";
import { closeBrokers, startTidings } from "./tidings-broker.js";

let program: BuiltProgram;
let folder = "";
let ports: { tidings: number; mosquitto: number };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidings-commands-"));
  program = await buildProgram();
  ports = { tidings: await startTidings(), mosquitto: hasMosquitto ? (await startMosquitto()).port : 0 };
});

afterAll(async () => {
  await endProcesses();
  await closeBrokers();
  removeMosquittoFiles();
  program?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const tidings = (words: readonly string[], options?: StartOptions): Started =>
  start(process.execPath, [program.path, ...words], options);
const run = (words: readonly string[], options?: StartOptions): Promise<Ended> => tidings(words, options).ended;

const BROKERS = hasMosquitto ? (["tidings", "mosquitto"] as const) : (["tidings"] as const);

describe.each(BROKERS)("against %s", (name) => {
  const port = (): string[] => ["-p", String(ports[name])];

  /** Subscribed, as `-d` tells. */
  async function subscriber(words: readonly string[], options?: StartOptions): Promise<Started> {
    const process = tidings(["sub", ...port(), "-d", ...words], options);
    await process.says("subscribed: ");
    return process;
  }

  test.each(["5", "311", "31"])("pub and sub, version %s, every QoS", async (version) => {
    const filter = `versions/${version}/#`;
    const sub = await subscriber(["-V", version, "-t", filter, "-q", "2", "-v", "-C", "3"]);
    for (const qos of ["0", "1", "2"]) {
      const topic = `versions/${version}/${qos}`;
      expect(await run(["pub", ...port(), "-V", version, "-t", topic, "-q", qos, "-m", `QoS ${qos}`])).toEqual({
        stdout: "",
        stderr: "",
        code: 0,
      });
    }
    const { stdout, code } = await sub.ended;
    expect(stdout.split("\n").sort().join("\n")).toBe(
      `\nversions/${version}/0 QoS 0\nversions/${version}/1 QoS 1\nversions/${version}/2 QoS 2`,
    );
    expect(code).toBe(0);
  });

  test("every property, by name and by -D, and JSON lines", async () => {
    const sub = await subscriber(["-t", "props", "--json", "-C", "2", "--subscription-identifier", "9"]);
    await run([
      ...["pub", ...port(), "-t", "props", "-m", "x", "--content-type", "text/x", "--response-topic", "r"],
      ...["--correlation-data", "c", "--payload-format-indicator", "1", "--message-expiry-interval", "600"],
      ...["--user-property", "a=b=c", "--user-property", "a=2", "--topic-alias", "1"],
    ]);
    await run([
      ...["pub", ...port(), "-t", "props", "-n", "-D", "publish", "user-property", "k", "v"],
      ...["-D", "publish", "content-type", "y", "-D", "connect", "receive-maximum", "5"],
    ]);
    const lines = (await sub.ended).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      topic: "props",
      qos: 0,
      retain: false,
      payload: "x",
      properties: {
        contentType: "text/x",
        responseTopic: "r",
        correlationData: "Yw==",
        payloadFormatIndicator: 1,
        userProperties: [
          ["a", "b=c"],
          ["a", "2"],
        ],
        subscriptionIdentifiers: [9],
      },
    });
    expect(lines[0].time).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(lines[1]).toMatchObject({ payload: "", properties: { contentType: "y", userProperties: [["k", "v"]] } });
  });

  test("encodes and decodes", async () => {
    const cases = [
      ["cbor", '{"a":[1,2]}', "a161618201 02".replace(" ", "")],
      ["msgpack", '{"a":[1,2]}', "81a161920102"],
      ["hex", "00ff", "00ff"],
      ["base64", "AP8=", "00ff"],
      ["json", '{"a":[1,2]}', "7b2261223a5b312c325d7d"],
    ];
    const sub = await subscriber(["-t", "coded/#", "-F", "%x", "-C", "5"]);
    const decoded = await Promise.all(
      cases.map(([format]) => subscriber(["-t", `coded/${format}`, "--decode", format, "-C", "1"])),
    );
    for (const [format, text] of cases)
      await run(["pub", ...port(), "-t", `coded/${format}`, "-m", text, "--encode", format]);
    expect((await sub.ended).stdout).toBe(`${cases.map(([, , hex]) => hex).join("\n")}\n`);
    const outputs = await Promise.all(decoded.map(({ ended }) => ended));
    expect(outputs.map(({ stdout }) => stdout)).toEqual(cases.map(([, text]) => `${text}\n`));
  });

  test("lines of stdin, in order, and a message of several lines", async () => {
    const sub = await subscriber(["-t", "lines", "-q", "1", "-C", "101", "-F", "<%p>"]);
    const numbers = Array.from({ length: 100 }, (_, index) => String(index));
    const input = `${numbers.join("\n")}\n`;
    expect((await run(["pub", ...port(), "-t", "lines", "-q", "1", "-l"], { input })).code).toBe(0);
    expect((await run(["pub", ...port(), "-t", "lines", "-q", "1", "-s"], { input: "a\nb" })).code).toBe(0);
    expect((await sub.ended).stdout).toBe(`${[...numbers, "a\nb"].map((text) => `<${text}>`).join("\n")}\n`);
  });

  test("rr asks and prints the answer that has its correlation data", async () => {
    const responder = await subscriber(["-t", "ask/#", "--json", "-C", "1"]);
    const asking = tidings(["rr", ...port(), "-t", "ask/me", "-m", "?", "-W", "15", "-v", "-e", "answers"]);
    const request = JSON.parse((await responder.ended).stdout);
    expect(request).toMatchObject({ topic: "ask/me", payload: "?", properties: { responseTopic: "answers" } });
    const { correlationData } = request.properties;
    const { connect } = await import("@tidings/client");
    await using client = await connect(`mqtt://127.0.0.1:${ports[name]}`);
    for (const [text, data] of [
      ["somebody else's", Uint8Array.of(1)],
      ["ours", Buffer.from(correlationData, "base64")],
    ] as const) {
      await client.publish("answers", text, { qos: 1, properties: { correlationData: data } });
    }
    expect(await asking.ended).toEqual({ stdout: "answers ours\n", stderr: "", code: 0 });
  });

  test("conn says what the server offers", async () => {
    const { stdout, code } = await run(["conn", ...port(), "-E", "--json", "-i", "me"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ protocolVersion: 5, clientIdentifier: "me", sessionPresent: false });
  });

  test("bench measures and loses nothing", async () => {
    const load = ["--no-progress", "--json", ...port()];
    const reports = await Promise.all([
      run(["bench", "conn", "--count", "20", ...load]),
      run(["bench", "pub", "--count", "3", "--messages", "200", "-q", "1", ...load]),
      run([
        "bench",
        "sub",
        "--count",
        "3",
        "--publishers",
        "2",
        "--messages",
        "100",
        "-q",
        "1",
        "-t",
        "bench/all",
        ...load,
      ]),
      run(["bench", "rtt", "--count", "2", "--messages", "50", "-t", "bench/rtt/%i", ...load]),
    ]);
    const [conn, pub, sub, rtt] = reports.map(({ stdout }) => JSON.parse(stdout));
    expect(reports.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(conn).toMatchObject({ connections: 20, failedConnections: 0 });
    expect(pub).toMatchObject({ published: 600, failed: 0 });
    expect(sub).toMatchObject({ published: 200, received: 600, lost: 0 });
    expect(rtt).toMatchObject({ published: 100, received: 100, lost: 0 });
    for (const { latencyMs } of [pub, sub, rtt]) {
      expect(latencyMs.p50).toBeGreaterThan(0);
      expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p99);
      expect(latencyMs.p99).toBeLessThanOrEqual(latencyMs.max);
    }
  });

  test("simulate plays a script and a scenario", async () => {
    const script = join(folder, "script.mjs");
    writeFileSync(
      script,
      "export default ({ index, sequence }) => ({ topic: 'sim/' + index, payload: { sequence } });\n",
    );
    const sub = await subscriber(["-t", "sim/#", "-v", "-C", "4"]);
    const words = ["simulate", ...port(), "-f", script, "--devices", "2", "--limit", "4", "--interval", "0"];
    expect((await run(words)).code).toBe(0);
    expect((await sub.ended).stdout.trim().split("\n").sort()).toEqual([
      'sim/0 {"sequence":0}',
      'sim/0 {"sequence":1}',
      'sim/1 {"sequence":0}',
      'sim/1 {"sequence":1}',
    ]);
    const home = [
      "simulate",
      ...port(),
      "--scenario",
      "smart-home",
      "--limit",
      "5",
      "--interval",
      "0",
      "--seed",
      "1",
      "-v",
    ];
    const { stdout, code } = await run([...home, "-i", "house"]);
    expect(stdout.trim().split("\n")).toHaveLength(5);
    expect(stdout).toMatch(/^simulate\/home\/house\//);
    expect(code).toBe(0);
  });
});

test("check knows where mosquitto 2.0.11 departs, and finds nothing about tidings", async () => {
  const check = async (
    port: number,
  ): Promise<Ended & { report: { departures: number; results: { name: string; outcome: string }[] } }> => {
    const ended = await run(["check", "--json", "-p", String(port)]);
    return { ...ended, report: JSON.parse(ended.stdout) };
  };
  const [ours, theirs] = await Promise.all([check(ports.tidings), hasMosquitto ? check(ports.mosquitto) : undefined]);
  expect(ours.report.results.filter(({ outcome }) => outcome === "departs")).toEqual([]);
  expect(ours.code).toBe(0);
  expect(ours.report.results.length).toBeGreaterThan(70);
  if (theirs === undefined) return;
  expect(theirs.report.results.filter(({ outcome }) => outcome === "yes").length).toBeGreaterThan(60);
  expect(theirs.code).toBe(theirs.report.departures > 0 ? 1 : 0);
});

test("check prints a table", async () => {
  const { stdout, code } = await run(["check", "-p", String(ports.tidings)]);
  expect(stdout).toContain("MQTT 3.1.1");
  expect(stdout).toMatch(/ \d+ works, .*\n$/);
  expect(code).toBe(0);
});

describe("a Unix tool", () => {
  const port = (): string[] => ["-p", String(ports.tidings)];

  test.each([
    [["pub", "-t", "a"], 2, /^tidings: There is no message\. .*\n$/],
    [["pub", "-t", "a/#", "-m", "x"], 2, /^tidings: "a\/#" is no topic/],
    [["pub", "-t", "a", "-m", "x", "-n"], 2, /several messages/],
    [
      ["pub", "-t", "a", "-q", "3", "-m", "x"],
      2,
      /^error: option '-q, --qos <n>' argument '3' is invalid\. Use 0, 1 or 2\.\n$/,
    ],
    [["sub"], 2, /There is nothing to subscribe to/],
    [["sub", "-t", "a#"], 2, /no topic filter/],
    [["sub", "-t", "a", "-F", "%z"], 2, /-F: Invalid format specifier 'z'/],
    [["sub", "-t", "a", "--watch"], 2, /--watch needs a terminal/],
    [["sub", "-t", "a", "-D", "publish", "nonsense", "1"], 2, /"nonsense" is no property/],
    [
      ["pub", "-t", "a", "-f", "/nonexistent"],
      1,
      /^tidings: Cannot read \/nonexistent \(-f\): no such file or directory\.\n$/,
    ],
    [
      ["pub", "-t", "a", "-m", "x", "-p", "1"],
      3,
      /^tidings: Cannot connect to mqtt:\/\/localhost:1: connection refused\.\n$/,
    ],
    [
      ["sub", "-t", "a", "-h", "nosuch.invalid"],
      3,
      /^tidings: Cannot connect to mqtt:\/\/nosuch\.invalid:1883: the name is not known\.\n$/,
    ],
    // An address for documentation (RFC 5737), which no machine has.
    [["pub", "-t", "a", "-m", "x", "-h", "127.0.0.1", "-A", "192.0.2.1"], 3, /address not available/],
    [["simulate", "--scenario", "moon"], 2, /There is no scenario "moon"/],
    [["nonsense"], 2, /unknown command 'nonsense'/],
    [["check", "-p", "1"], 3, /^tidings: Cannot connect to mqtt:\/\/localhost:1: connection refused\.\n$/],
  ] as const)("%j ends with %d and one line", async (words, code, line) => {
    const ended = await run(words);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toMatch(line);
    expect(ended.stderr.trimEnd()).not.toContain("\n");
  });

  test("--help everywhere, with examples", async () => {
    const names = ["", "pub", "sub", "rr", "conn", "bench", "bench pub", "simulate", "check", "passwd", "completion"];
    const helps = await Promise.all(names.map((name) => run([...name.split(" ").filter(Boolean), "--help"])));
    for (const { stdout, code, stderr } of helps) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("Examples:");
    }
  });

  test("-W ends it with 27", async () => {
    expect(await run(["sub", ...port(), "-t", "nothing", "-W", "0.1"])).toEqual({
      stdout: "",
      stderr: "tidings: no more after 0.1 s (-W)\n",
      code: 27,
    });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends it with %d", async (signal, code) => {
    const sub = tidings(["sub", ...port(), "-t", "x", "-d"]);
    await sub.says("subscribed: ");
    sub.child.kill(signal);
    expect(await sub.ended).toMatchObject({ code, stdout: "" });
    const pub = tidings(["pub", ...port(), "-t", "x", "-l", "-d"], { keepInput: true });
    await pub.says("connected as");
    pub.child.kill(signal);
    expect((await pub.ended).code).toBe(code);
  });

  test("who reads has gone: 141 and no word", async () => {
    const sub = tidings(["sub", ...port(), "-t", "pipe", "-d"]);
    await sub.says("subscribed: ");
    sub.child.stdout?.destroy();
    await run(["pub", ...port(), "-t", "pipe", "-m", "x", "--repeat", "3"]);
    const { code, stderr } = await sub.ended;
    expect(code).toBe(141);
    expect(stderr).not.toMatch(/EPIPE|Error|\n {4}at /);
  });

  test("a broker that goes away is one line, and with --no-reconnect the end", async () => {
    const { createBrokerServer } = await import("@tidings/broker/node");
    const server = await createBrokerServer();
    const { address } = await server.listenTcp({ host: "127.0.0.1", port: 0 });
    const place = ["-p", String((address as { port: number }).port), "-t", "x"];
    const stubborn = tidings(["sub", ...place]);
    const meek = tidings(["sub", ...place, "--no-reconnect", "-d"]);
    await meek.says("subscribed: ");
    await Promise.all([server.close(), stubborn.says("connection lost").catch(() => {})]);
    const { code, stderr } = await meek.ended;
    expect(code).toBe(3);
    expect(stderr.split("\n").filter((line) => /lost|closed|shut/i.test(line)).length).toBeGreaterThan(0);
    expect(stderr).not.toMatch(/\n {4}at /);
    stubborn.child.kill();
    await stubborn.ended;
    expect(stubborn.stderr).not.toMatch(/\n {4}at /);
  });

  test("refusals: 4 for the connection, 5 for a subscription or a message", async () => {
    const strict = await startTidings({
      hooks: [
        {
          authenticate: ({ userName, password }) =>
            userName === "anna" && new TextDecoder().decode(password) === "secret" ? 0x00 : 0x86,
          authorizePublish: () => 0x87,
          authorizeSubscribe: () => 0x87,
        },
      ],
    });
    const place = ["-p", String(strict)];
    const anna = { env: { TIDINGS_PASSWORD: "secret" } };
    const file = join(folder, "secret");
    writeFileSync(file, "secret\n");
    expect(await run(["pub", ...place, "-t", "a", "-m", "x"])).toMatchObject({
      code: 4,
      stderr: `tidings: mqtt://localhost:${strict} refused the connection: Bad User Name or Password (0x86).\n`,
    });
    expect((await run(["conn", ...place, "-E", "-u", "anna"], anna)).code).toBe(0);
    expect((await run(["conn", ...place, "-E", "-u", "anna", "--password-file", file])).code).toBe(0);
    expect(await run(["pub", ...place, "-t", "a", "-m", "x", "-q", "1", "-u", "anna"], anna)).toMatchObject({
      code: 5,
    });
    expect(await run(["sub", ...place, "-t", "a", "-u", "anna"], anna)).toMatchObject({ code: 5, stdout: "" });
  });
});

describe("passwd", () => {
  test("makes, changes, verifies and deletes", async () => {
    const path = join(folder, "passwords");
    const set = (words: string[], password: string): Promise<Ended> =>
      run(["passwd", ...words], { env: { TIDINGS_PASSWORD: password } });
    expect((await set(["-c", path, "anna"], "one")).code).toBe(0);
    expect((await run(["passwd", path, "bert"], { input: "two\n" })).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^anna:\$argon2id\$v=19\$m=19456,t=2,p=1\$\S+\nbert:\$argon2id\$\S+\n$/);
    expect((await set(["--verify", path, "anna"], "one")).code).toBe(0);
    expect((await set(["--verify", path, "anna"], "two")).code).toBe(1);
    expect((await run(["passwd", "-D", path, "anna"])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^bert:\S+\n$/);
    expect(await run(["passwd", "-D", path, "anna"])).toMatchObject({
      code: 1,
      stderr: `tidings: There is no user "anna" in ${path}.\n`,
    });
  });

  test.runIf(hasMosquitto)("mosquitto takes our files, and we read its", async () => {
    const path = join(folder, "mosquitto-passwords");
    const words = ["passwd", "-H", "sha512-pbkdf2", "-b"];
    expect((await run([...words, "-c", path, "anna", "one"])).code).toBe(0);
    expect((await run([...words, "-I", "101", path, "bert", "two"])).code).toBe(0);
    writeFileSync(path, `${readFileSync(path, "utf8")}carl:three\n`);
    expect((await run(["passwd", "-U", path])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^anna:\$7\$10000\$\S+\nbert:\$7\$101\$\S+\ncarl:\$7\$\S+\n$/);
    const { port } = await startMosquitto(["allow_anonymous false", `password_file ${path}`]);
    const login = async (user: string, password: string): Promise<number | null> =>
      (await start("mosquitto_pub", ["-p", String(port), "-t", "a", "-n", "-u", user, "-P", password]).ended).code;
    expect(
      await Promise.all([login("anna", "one"), login("bert", "two"), login("carl", "three"), login("anna", "two")]),
    ).toEqual([0, 0, 0, 5]);
    await start("mosquitto_passwd", ["-b", path, "dora", "four"]).ended;
    expect((await run(["passwd", "--verify", path, "dora"], { env: { TIDINGS_PASSWORD: "four" } })).code).toBe(0);
  });
});

test("tidings broker runs the broker with its own options, and tidings store looks into what it keeps", async () => {
  const port = String(await freePort());
  // From sources: the broker app has a database of machine code in it, which no bundle takes in.
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const node = ["--conditions=@tidings/source", "--import", "tsx", main];
  const state = ["--data", join(folder, "state")];
  const words = ["broker", "--port", port, "--no-ws", ...state, "--log-level", "info"];
  const broker = start(process.execPath, [...node, ...words], { keepInput: true });
  await broker.says(`mqtt://127.0.0.1:${port}`);
  expect((await run(["pub", "-p", port, "-t", "a", "-m", "x", "-q", "1", "-r"])).code).toBe(0);
  const store = async (action: string): Promise<unknown> => {
    const { code, stdout } = await start(process.execPath, [...node, "store", action, ...state]).ended;
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  expect(await store("stats")).toMatchObject({ inUse: true, retainedMessages: 1 });
  expect(await store("compact")).toMatchObject({ bytesAfter: expect.any(Number) });
  expect(await store("verify")).toEqual({ problems: 0 });
  broker.child.kill("SIGTERM");
  expect((await broker.ended).code).toBe(0);
});

describe("completion", () => {
  test("bash completes commands, options and choices", async () => {
    const script = join(folder, "completion.bash");
    writeFileSync(script, (await run(["completion", "bash"])).stdout);
    const complete = async (line: string): Promise<string[]> => {
      const words = line.split(" ");
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const test = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _tidings; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await start("bash", ["-c", test]).ended).stdout.trim().split("\n");
    };
    expect(await complete("tidings s")).toEqual(["sub", "simulate", "store"]);
    expect(await complete("tidings bench r")).toEqual(["rtt"]);
    expect(await complete("tidings bench pub --payload")).toEqual(["--payload-size"]);
    expect(await complete("tidings sub --retained")).toEqual(["--retained-only"]);
    expect(await complete("tidings sub --decode c")).toEqual(["cbor"]);
  });

  test("zsh and fish name every command and option", async () => {
    const [zsh, fish] = await Promise.all(["zsh", "fish"].map((shell) => run(["completion", shell])));
    for (const { stdout, code } of [zsh, fish]) {
      expect(code).toBe(0);
      for (const word of ["pub", "simulate", "rtt", "retained-only", "will-delay-interval"])
        expect(stdout).toContain(word);
    }
    expect(zsh.stdout).toMatch(/^#compdef tidings\n/);
  });
});
