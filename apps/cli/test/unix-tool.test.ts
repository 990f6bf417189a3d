/** How the built command ends: signals, broken pipes, brokers that go away, wrong command lines. */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Broker } from "@tidings/broker";
import { describe, expect, test } from "vitest";
import { type StartOptions, start } from "./processes.js";
import { createTidings, portOf, startTidings } from "./tidings-broker.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run, tidings } = under;

describe("a Unix tool", () => {
  const port = (): string[] => under.port();

  test.concurrent.each([
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

  /** Each command at work, and what it says when it is. */
  const AT_WORK: [string, string[], string, StartOptions?][] = [
    ["sub", ["sub", "-t", "x"], "subscribed: "],
    ["pub -l", ["pub", "-t", "x", "-l"], "connected as", { keepInput: true }],
    ["pub --repeat", ["pub", "-t", "x", "-m", "x", "--repeat", "1000", "--repeat-delay", "0.05"], "publish x"],
    ["rr", ["rr", "-t", "nobody/answers", "-m", "?"], "publish nobody/answers"],
    ["conn", ["conn"], "connected to "],
  ];

  test.concurrent.each(AT_WORK)("Ctrl-C ends %s with 130, and without a word", async (_name, words, sign, options) => {
    const process = tidings([...words, ...port(), "-d"], options);
    await process.says(sign);
    process.child.kill("SIGINT");
    const { stderr, code } = await process.ended;
    expect(code).toBe(130);
    // The goodbye that -d tells of, not an error.
    expect(stderr).toMatch(/\ntidings: disconnecting\n$/);
  });

  test.concurrent.each([
    ["bench", ["bench", "rtt", "--duration", "60"], /round trip/],
    ["simulate", ["simulate", "--scenario", "weather", "-v", "--interval", "0.05"], /simulate/],
  ] as const)("Ctrl-C ends %s with 130", async (name, words, sign) => {
    const process = tidings([...words, ...port()]);
    if (name === "simulate") await process.says(sign);
    else await under.subscriber([...port(), "-t", "tidings/bench/#", "-C", "1"]).then(({ ended }) => ended);
    process.child.kill("SIGINT");
    const { stdout, stderr, code } = await process.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(sign); // what was measured until then is told
    expect(stderr).not.toMatch(/error|\n {4}at /i);
  });

  test("SIGTERM ends it with 143", async () => {
    const sub = tidings(["sub", ...port(), "-t", "x", "-d"]);
    await sub.says("subscribed: ");
    sub.child.kill("SIGTERM");
    expect(await sub.ended).toMatchObject({ code: 143, stdout: "" });
  });

  test("Ctrl-C while it tries to connect", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port: silentPort } = silent.address() as AddressInfo;
    const sub = tidings(["sub", "-p", String(silentPort), "-t", "x", "-d"]);
    await Promise.all([once(silent, "connection"), sub.says("connecting to")]);
    sub.child.kill("SIGINT");
    expect((await sub.ended).code).toBe(130);
    silent.close();
  });

  test.concurrent.each(["sub", "sub --json", "sub -F %p"])("%s | head -1 ends with 141 and no word", async (line) => {
    const topic = `pipe/${line.length}`;
    const path = under.program.path;
    const [command, ...words] = line.split(" ");
    const pipe = `"$@" | head -1; printf 'codes %s\\n' "\${PIPESTATUS[*]}"`;
    const args = [command, ...words, ...port(), "-t", topic, "-d"];
    const shell = start("bash", ["-c", pipe, "bash", process.execPath, path, ...args]);
    await shell.says("subscribed: ");
    const pub = run(["pub", ...port(), "-t", topic, "-m", "x", "--repeat", "100", "--repeat-delay", "0.02"]);
    const { stdout, stderr } = await shell.ended;
    expect(stdout).toMatch(/^.*x.*\ncodes 141 0\n$/);
    expect(stderr).not.toMatch(/EPIPE|error|\n {4}at /i);
    await pub;
  });

  test("whoever reads the errors may go, too", async () => {
    const shell = start("bash", [
      "-c",
      `"$@" 2>&1 >/dev/null | head -c 1; echo "\${PIPESTATUS[0]}"`,
      "bash",
      ...unreachable(),
    ]);
    expect((await shell.ended).stdout).toMatch(/^t?3\n$/);
  });
  const unreachable = (): string[] => [process.execPath, under.program.path, "pub", "-p", "1", "-t", "a", "-m", "x"];

  test.concurrent.each([...AT_WORK])(
    "%s: a broker that goes away is one line, and the end with --no-reconnect",
    async (...[_name, words, sign, options]) => {
      const server = await createTidings();
      const place = ["-p", String(portOf(await server.listenTcp({ host: "127.0.0.1", port: 0 })))];
      const process = tidings([...words, ...place, "--no-reconnect", "-d"], options);
      await process.says(sign);
      await server.close(0);
      const { stderr, code } = await process.ended;
      expect(code).toBe(3);
      const [last] = stderr.trimEnd().split("\n").slice(-1);
      expect(last).toMatch(/^tidings: The (server|connection) .*(lost|closed|shut)/i);
    },
  );

  test("a broker that comes back is found again, and the subscription with it", async () => {
    const first = await createTidings();
    const number = portOf(await first.listenTcp({ host: "127.0.0.1", port: 0 }));
    const place = ["-p", String(number)];
    const sub = tidings(["sub", ...place, "-t", "x", "-q", "1", "-C", "1", "--reconnect-delay", "0.05"]);
    const debug = tidings(["sub", ...place, "-t", "x", "-d", "--reconnect-delay", "0.05"]);
    await debug.says("subscribed: ");
    await subscribedTo(first, 2);
    await first.close(0);
    await Promise.all([sub, debug].map((process) => process.says("connection lost: ")));
    await debug.says("Cannot connect to"); // only -d tells of each attempt
    const second = await createTidings();
    await second.listenTcp({ host: "127.0.0.1", port: number });
    await Promise.all([sub, debug].map((process) => process.says("connected again, with a new session")));
    await subscribedTo(second, 2);
    await run(["pub", ...place, "-t", "x", "-m", "again", "-q", "1"]);
    const { stdout, stderr, code } = await sub.ended;
    expect({ stdout, code }).toEqual({ stdout: "again\n", code: 0 });
    expect(stderr).toMatch(/^tidings: connection lost: .*; next try in 0\.1 s\ntidings: connected again, .*\n$/);
    debug.child.kill("SIGKILL");
  });

  /** So many have subscribed to x. */
  async function subscribedTo({ broker }: { broker: Broker }, count: number): Promise<void> {
    await expect.poll(() => [...broker.subscriptions()].length, { timeout: 15_000 }).toBe(count);
  }

  test("a broker that does not come back, or does not let in any more, is the end", async () => {
    const first = await createTidings();
    const number = portOf(await first.listenTcp({ host: "127.0.0.1", port: 0 }));
    const words = ["sub", "-p", String(number), "-t", "x", "-d", "--reconnect-delay", "0.05"];
    const counting = tidings([...words, "--reconnect-attempts", "2"]);
    const refused = tidings(words);
    await Promise.all([counting, refused].map((process) => process.says("subscribed: ")));
    await first.close(0);
    expect((await counting.ended).code).toBe(3);
    const strict = await createTidings({ hooks: [{ authenticate: () => 0x87 }] });
    await strict.listenTcp({ host: "127.0.0.1", port: number });
    const { stderr, code } = await refused.ended;
    expect(code).toBe(4);
    expect(stderr).toMatch(/Not authorized \(0x87\)/);
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
    const file = join(under.folder, "secret");
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
