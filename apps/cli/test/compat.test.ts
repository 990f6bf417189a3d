/** Our mosquitto_pub, mosquitto_sub and mosquitto_rr beside the real ones: the same command lines, the same mosquitto. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BuiltProgram, buildProgram } from "./build-program.js";
import { hasMosquitto, type Mosquitto, removeMosquittoFiles, startMosquitto } from "./mosquitto.js";
import { type Ended, endProcesses, type Started, type StartOptions, start } from "./processes.js";

type Tool = "mosquitto_pub" | "mosquitto_sub" | "mosquitto_rr";

let program: BuiltProgram;
let broker: Mosquitto;
const links: Partial<Record<Tool, string>> = {};

beforeAll(async () => {
  if (!hasMosquitto) return;
  program = await buildProgram();
  for (const tool of ["mosquitto_pub", "mosquitto_sub", "mosquitto_rr"] as const) links[tool] = program.link(tool);
  broker = await startMosquitto();
});

afterAll(async () => {
  await endProcesses();
  removeMosquittoFiles();
  program?.remove();
});

// C programs write to a pipe in blocks; by lines, what they say can be waited for.
const real = (tool: Tool, args: readonly string[], options?: StartOptions): Started =>
  start("stdbuf", ["-oL", tool, "-p", String(broker.port), ...args], options);
const ours = (tool: Tool, args: readonly string[], options?: StartOptions): Started =>
  start(process.execPath, [links[tool] as string, "-p", String(broker.port), ...args], options);

let count = 0;

/** Both with a Client Identifier of their own, subscribed. */
async function subscribeBoth(args: readonly string[], filter: string, version = "mqttv5"): Promise<[Started, Started]> {
  const identifiers = [`real-${++count}`, `ours-${count}`];
  const both: [Started, Started] = [
    real("mosquitto_sub", ["-V", version, "-i", identifiers[0], "-t", filter, ...args]),
    ours("mosquitto_sub", ["-V", version, "-i", identifiers[1], "-t", filter, ...args]),
  ];
  await Promise.all(identifiers.map((identifier) => broker.subscribed(identifier, filter)));
  return both;
}

function comparable({ stdout, stderr, code }: Ended): Ended {
  const text = stdout
    .replaceAll(/"tst":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\+0000"/g, '"tst":"…"')
    .replaceAll(/"tst":\t"[^"]*"/g, '"tst":\t"…"')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000/g, "<time>")
    .replaceAll(/\d{10}\.\d{9}/g, "<seconds>")
    .replaceAll(/auto-[0-9A-F-]+/g, "<assigned>")
    .replaceAll(/(real|ours)-\d+/g, "<id>");
  return { stdout: text, stderr, code };
}

async function same(processes: readonly [Started, Started]): Promise<Ended> {
  const [theirs, mine] = await Promise.all(processes.map(({ ended }) => ended));
  expect(comparable(mine)).toEqual(comparable(theirs));
  return theirs;
}

/** To everybody; waits until it is out. */
async function publish(...args: string[]): Promise<void> {
  const { code, stderr } = await real("mosquitto_pub", ["-V", "5", ...args]).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

const RICH = [
  ...["-q", "1", "-m", '{"a":1, "b":"x y", "1": [1.50, null, {}]}'],
  ...["-D", "publish", "content-type", "text/plain", "-D", "publish", "correlation-data", "c0rr"],
  ...["-D", "publish", "message-expiry-interval", "1000", "-D", "publish", "payload-format-indicator", "1"],
  ...["-D", "publish", "response-topic", "r/t", "-D", "publish", "user-property", "a", "b"],
  ...["-D", "publish", "user-property", "c", "d"],
];

describe.runIf(hasMosquitto)("mosquitto_sub", () => {
  test.each([
    [["-v"]],
    [["-N"]],
    [["-v", "-N"]],
    [["-F", "%t|%p|%l|%q|%r|%m|%x|%X|%%"]],
    [["-q", "2", "-D", "subscribe", "subscription-identifier", "7", "-F", "%A|%C|%D|%E|%F|%P|%R|%S|%q"]],
    [["-F", "%20t|%-20t|%020t|%.3t|%10.2t|%5l|%-5l|%05l|%12p|%-12p|%012p|%8x|%-12x|%013X|%5S|%05S|%3m"]],
    [["-F", "%j", "-q", "1"]],
    [["-F", "%J", "-q", "1"]],
    [["-F", "%J", "--pretty"]],
    [["-F", "\\t\\n\\\\\\a\\e\\0 @@ @% %I %U"]],
    [["-F", "%t", "-N", "-v"]],
  ])("prints with %j", async (args) => {
    const topic = `format/${count + 1}`;
    const both = await subscribeBoth(["-C", "4", ...args], `${topic}/#`);
    // What is not UTF-8 makes their JSON invalid, and a NUL ends it; ours holds U+FFFD and U+0000.
    const bytes = args.join().includes("%j") ? "\x7fé" : Uint8Array.of(0xff, 0xfe, 0x61);
    await publish("-t", `${topic}/rich`, ...RICH);
    await publish("-t", `${topic}/empty`, "-n");
    await real("mosquitto_pub", ["-t", `${topic}/bytes`, "-s"], { input: bytes }).ended;
    // Last, because a QoS 2 message is handed over at its PUBREL there.
    await publish("-t", `${topic}/lines`, "-m", "two\nlines é", "-q", "2");
    const { code } = await same(both);
    expect(code).toBe(0);
  });

  test.each(["mqttv31", "mqttv311", "mqttv5"])("-d in %s", async (version) => {
    const both = await subscribeBoth(["-d", "-q", "1", "-C", "1", "-U", "elsewhere"], `debug/${version}`, version);
    await Promise.all(both.map((process) => process.says("received UNSUBACK")));
    await publish("-t", `debug/${version}`, "-m", "x", "-q", "1");
    await same(both);
  });

  test("-T, and what is left out is not counted", async () => {
    const both = await subscribeBoth(["-T", "out/+/b", "-v", "-C", "2"], "out/#");
    for (const topic of ["out/1/b", "out/1/c", "out/2/b", "out/2/c"]) await publish("-t", topic, "-m", topic);
    await same(both);
  });

  test("retained messages: -R, --retained-only, --retain-as-published", async () => {
    for (const name of ["a", "b"]) await publish("-t", `kept/${name}`, "-m", name, "-r", "-q", "1");
    const [skip, only, published] = await Promise.all([
      subscribeBoth(["-R", "-v", "-C", "1"], "kept/#"),
      subscribeBoth(["--retained-only", "-F", "%t %r"], "kept/#"),
      subscribeBoth(["--retain-as-published", "-F", "%t %r", "-C", "3"], "kept/#"),
    ]);
    await publish("-t", "kept/live", "-m", "live", "-q", "1", "-r");
    await Promise.all([same(skip), same(only), same(published)]);
    expect((await only[0].ended).stdout).toBe("kept/a 1\nkept/b 1\n");
  });

  test.each(["real", "ours"])("--remove-retained of the %s one", async (which) => {
    for (const name of ["a", "b", "spared"]) await publish("-t", `old/${name}`, "-m", name, "-r", "-q", "1");
    const args = ["-t", "old/#", "-T", "old/spared", "--remove-retained", "-W", "1", "-v"];
    const removal = await (which === "real" ? real : ours)("mosquitto_sub", args).ended;
    expect(removal).toEqual({
      stdout: "old/a a\nold/b b\nold/a (null)\nold/b (null)\n",
      stderr: "Timed out\n",
      code: 27,
    });
    const left = await real("mosquitto_sub", ["-t", "old/#", "--retained-only", "-v", "-W", "1"]).ended;
    expect(left.stdout).toBe("old/spared spared\n");
  });

  test("-E and -W end it, with their codes", async () => {
    const run = (args: string[]): [Started, Started] => [real("mosquitto_sub", args), ours("mosquitto_sub", args)];
    const [subscribed, timedOut, quiet] = await Promise.all([
      same(run(["-t", "nothing", "-E"])),
      same(run(["-t", "nothing", "-W", "1"])),
      same(run(["-t", "nothing", "-W", "1", "--quiet"])),
    ]);
    expect([subscribed.code, timedOut.code, quiet.code]).toEqual([0, 27, 27]);
  });

  test("a session is resumed with -c", async () => {
    for (const [name, tool] of [
      ["real", real],
      ["ours", ours],
    ] as const) {
      const args = ["-i", `kept-${name}`, "-c", "-q", "1", "-t", `session/${name}`, "-V", "5"];
      expect((await tool("mosquitto_sub", [...args, "-E"]).ended).code).toBe(0);
      for (const number of ["1", "2"]) await publish("-t", `session/${name}`, "-m", number, "-q", "1");
      expect(await tool("mosquitto_sub", [...args, "-C", "2"]).ended).toEqual({
        stdout: "1\n2\n",
        stderr: "",
        code: 0,
      });
    }
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s ends it with 0 and a DISCONNECT", async (signal) => {
    const both = await subscribeBoth(["-d", "--will-topic", "wills", "--will-payload", "x"], `signal/${signal}`);
    await Promise.all(both.map((process) => process.says("Subscribed")));
    for (const { child } of both) child.kill(signal);
    const { code } = await same(both);
    expect(code).toBe(0);
  });

  test("the will is published when it dies", async () => {
    const watcher = real("mosquitto_sub", [
      "-i",
      "watcher",
      "-t",
      "will/#",
      "-F",
      "%t %p %q %r %C",
      "-q",
      "1",
      "-V",
      "5",
      "-C",
      "2",
    ]);
    await broker.subscribed("watcher", "will/#");
    const will = ["--will-payload", "gone", "--will-qos", "1", "-D", "will", "content-type", "text/x"];
    for (const [name, tool] of [
      ["real", real],
      ["ours", ours],
    ] as const) {
      const dying = tool("mosquitto_sub", ["-i", `dying-${name}`, "-t", "x", "--will-topic", `will/${name}`, ...will]);
      await broker.subscribed(`dying-${name}`, "x");
      dying.child.kill("SIGKILL");
      await broker.process.says(`Client dying-${name} closed its connection`);
    }
    expect((await watcher.ended).stdout).toBe("will/real gone 1 0 text/x\nwill/ours gone 1 0 text/x\n");
  });
});

describe.runIf(hasMosquitto)("mosquitto_pub", () => {
  const LINES: [string, string[], StartOptions?][] = [
    ["-m", ["-m", "hello"]],
    ["-n", ["-n", "-q", "1"]],
    ["-l", ["-l"], { input: "a\n\nb\r\nlast" }],
    ["-l -q 2", ["-l", "-q", "2"], { input: "1\n2\n3\n4\n5\n6\n7\n8\n" }],
    ["-s", ["-s"], { input: "x\ny\n" }],
    ["-f", ["-f", "package.json", "-q", "1"]],
    ["--repeat", ["-m", "again", "--repeat", "3", "--repeat-delay", "0.05"]],
    ["properties", RICH],
    ["-d 3.1", ["-m", "x", "-d", "-q", "1", "-V", "31", "-i", "real-0"]],
    ["-d 3.1.1", ["-m", "x", "-d", "-q", "2"]],
    ["-d 5.0", ["-m", "x", "-d", "-q", "0", "-V", "5"]],
    ["-d 5.0 QoS 1", ["-m", "x", "-d", "-q", "1", "-V", "5", "--repeat", "2"]],
  ];

  test.each(LINES)("%s", async (_name, args, options) => {
    const number = ++count;
    const watch = (name: string): Started =>
      real("mosquitto_sub", [
        ...[
          "-i",
          `watch-${number}-${name}`,
          "-t",
          `pub/${number}/${name}`,
          "-t",
          `end/${number}`,
          "-q",
          "2",
          "-V",
          "5",
        ],
        ...["-F", "%q %r %l %x %C %D %F %P %R"],
      ]);
    const watchers = [watch("real"), watch("ours")];
    await Promise.all(["real", "ours"].map((name) => broker.subscribed(`watch-${number}-${name}`, `end/${number}`)));
    await same(
      [
        real("mosquitto_pub", ["-t", `pub/${number}/real`, ...args], options),
        ours("mosquitto_pub", ["-t", `pub/${number}/real`.replace("real", "ours"), ...args], options),
      ].map(withoutTopics) as [Started, Started],
    );
    await publish("-t", `end/${number}`, "-m", "end", "-q", "2");
    await Promise.all(watchers.map((watcher) => watcher.says("656e64 ")));
    expect(watchers[1].stdout).toBe(watchers[0].stdout);
    for (const { child } of watchers) child.kill("SIGKILL");
  });

  /** The two topics differ in four letters. */
  function withoutTopics(process: Started): Started {
    const ended = process.ended.then((end) => ({
      ...end,
      stdout: end.stdout.replaceAll(/pub\/\d+\/(real|ours)/g, "<topic>"),
    }));
    return Object.assign(Object.create(process), { ended });
  }

  test.each([
    [["-p", "1", "-t", "a", "-m", "b"]],
    [["-h", "nosuch.invalid", "-t", "a", "-m", "b"]],
    [["-t", "a", "-f", "/nonexistent"]],
    [["-t", "a", "-s"]],
    [["--unix", "/nonexistent.sock", "-t", "a", "-m", "b"]],
    [["-t", "a", "-m", "b", "-P", "x"]],
    [["-t", "a", "-m", "b", "-V", "6"]],
    [["-t", "a", "-m", "b", "-V", "5", "-D", "connect", "authentication-method", "x"]],
  ])("fails alike with %j", async (args) => {
    const { code } = await same([real("mosquitto_pub", args), ours("mosquitto_pub", args)]);
    expect(code).not.toBe(0);
  });
});

describe.runIf(hasMosquitto)("with a server that says no", () => {
  test.each([
    ["mosquitto_pub", ["-t", "a", "-m", "b"]],
    ["mosquitto_pub", ["-t", "a", "-m", "b", "-V", "5"]],
    ["mosquitto_pub", ["-t", "a", "-m", "b", "-u", "anna", "-P", "wrong", "-V", "31"]],
    ["mosquitto_sub", ["-t", "a"]],
    ["mosquitto_sub", ["-t", "a", "-V", "5"]],
    ["mosquitto_rr", ["-t", "a", "-e", "b", "-m", "c"]],
  ] as const)("%s %j", async (tool, args) => {
    strict ??= startMosquitto(["allow_anonymous false"]);
    const port = ["-p", String((await strict).port)];
    const { code } = await same([real(tool, [...args, ...port]), ours(tool, [...args, ...port])]);
    expect(code).toBe(args.includes("5" as never) || tool === "mosquitto_rr" ? 135 : 5);
  });
  let strict: Promise<Mosquitto> | undefined;

  test("refused publishes are warnings", async () => {
    const limited = await startMosquitto(["allow_anonymous true", "max_qos 1"]);
    const args = ["-t", "a", "-m", "b", "-q", "2", "-V", "5", "-p", String(limited.port)];
    const { stderr, code } = await same([real("mosquitto_pub", args), ours("mosquitto_pub", args)]);
    expect([stderr, code]).toEqual(["Error: Message QoS not supported on broker, try a lower QoS.\n", 0]);
  });
});

describe.runIf(hasMosquitto)("mosquitto_rr", () => {
  test("asks and prints the answer", async () => {
    const responder = real("mosquitto_sub", ["-i", "responder", "-t", "ask", "-V", "5", "-F", "%R %D %p", "-C", "2"]);
    await broker.subscribed("responder", "ask");
    const args = [
      "-t",
      "ask",
      "-e",
      "answer",
      "-m",
      "question",
      "-v",
      "-W",
      "5",
      "-D",
      "publish",
      "correlation-data",
      "7",
    ];
    const both: [Started, Started] = [
      real("mosquitto_rr", [...args, "-i", "rr-real"]),
      ours("mosquitto_rr", [...args, "-i", "rr-ours"]),
    ];
    await responder.ended;
    await publish("-t", "answer", "-m", "the answer", "-D", "publish", "correlation-data", "7");
    expect(await same(both)).toMatchObject({ stdout: "answer the answer\n", code: 0 });
    expect((await responder.ended).stdout).toBe("answer 7 question\nanswer 7 question\n");
  });

  test("gives up with -W", async () => {
    const args = ["-t", "silence", "-e", "answer/never", "-m", "?", "-W", "1"];
    expect(await same([real("mosquitto_rr", args), ours("mosquitto_rr", args)])).toMatchObject({ code: 27 });
  });
});

test.runIf(hasMosquitto)("--compat mosquitto is the same as a link", async () => {
  const port = String(broker.port);
  const compat = (words: string[]): Promise<Ended> => start(process.execPath, [program.path, ...words]).ended;
  expect(await compat(["--compat", "mosquitto", "sub", "-p", port, "-t", "x", "-W", "1"])).toEqual({
    stdout: "",
    stderr: "Timed out\n",
    code: 27,
  });
  expect(await compat(["pub", "--compat=mosquitto", "-q", "7"])).toMatchObject({
    stderr: "Error: Invalid QoS given: 7\n\nUse 'mosquitto_pub --help' to see usage.\n",
    code: 1,
  });
  expect(await compat(["--compat", "mqttx", "pub"])).toMatchObject({
    stderr: "tidings: --compat: use --compat mosquitto with pub, sub or rr.\n",
    code: 2,
  });
});
