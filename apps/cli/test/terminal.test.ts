/** The built command on a terminal: colours, the live table, passwords that are not shown, progress, Ctrl-C. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type StartedOnTerminal, startOnTerminal, visible } from "./terminal.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run, port } = under;

const CTRL_C = "\x03";
const CTRL_D = "\x04";

const onTerminal = (words: readonly string[], env?: NodeJS.ProcessEnv): StartedOnTerminal =>
  startOnTerminal([process.execPath, under.program.path, ...words], { env });

const publish = (topic: string, message: string, ...words: string[]): Promise<unknown> =>
  run(["pub", ...port(), "-q", "1", "-t", topic, "-m", message, ...words]);

test.concurrent("sub shows topics and payloads in colours", async () => {
  await publish("colours/a", '{"on":true}', "-r");
  await publish("colours/b", "\x1b[2Jtext", "-r");
  await publish("colours/c", "fffe", "-r", "--encode", "hex");
  const { stdout, code } = await onTerminal(["sub", ...port(), "-t", "colours/#", "-C", "3"]).ended;
  expect(code).toBe(0);
  expect(visible(stdout).split("\r\n").slice(0, 3).sort()).toEqual([
    '␛[36mcolours/a␛[39m {␛[34m"on"␛[39m:␛[35mtrue␛[39m}␛[2m (retained)␛[22m',
    // What would clear the screen is shown, not obeyed.
    "␛[36mcolours/b␛[39m ␛[32m\\x1b[2Jtext␛[39m␛[2m (retained)␛[22m",
    "␛[36mcolours/c␛[39m ␛[2m<2 bytes: fffe>␛[22m␛[2m (retained)␛[22m",
  ]);
});

test.concurrent("NO_COLOR is heard", async () => {
  await publish("plain", "text", "-r");
  const { stdout } = await onTerminal(["sub", ...port(), "-t", "plain", "-C", "1"], { NO_COLOR: "1" }).ended;
  expect(stdout).toBe("plain text (retained)\r\n");
});

test.concurrent("sub --watch draws a table in place, and Ctrl-C leaves its last state behind", async () => {
  const watch = onTerminal(["sub", ...port(), "-t", "watch/#", "--watch"]);
  await watch.says("0 messages, 0 topics");
  expect(watch.take()).toMatch(/^␛\[\?1049h␛\[\?25l␛\[H/); // another screen, no cursor, top left
  await publish("watch/b", "first", "-r");
  await watch.says("1 messages, 1 topics");
  await publish("watch/a", "x".repeat(200));
  await watch.says("2 messages, 2 topics");
  await publish("watch/b", "second");
  await watch.says("3 messages, 2 topics");
  const drawn = watch.take();
  const last = drawn.slice(drawn.lastIndexOf("␛[H")).replaceAll("\r\r\n", "\r\n");
  expect(last).toMatch(/^␛\[H.*3 messages, 2 topics.*␛\[K\r\n.*watch\/a.* 1 .*x…␛\[K\r\n.*watch\/b.* 2 .*second/);
  expect(last).toMatch(/␛\[J$/);
  for (const line of last.split("\r\n")) expect(line.replace(/␛\[[0-9;]*[A-Za-z]/g, "").length).toBeLessThan(80);
  expect(last).toContain("␛[36mwatch/a");
  watch.type(CTRL_C);
  const { code } = await watch.ended;
  expect(code).toBe(130);
  expect(watch.take()).toMatch(
    /␛\[\?25h␛\[\?1049l.*3 messages, 2 topics.*\r\n.*watch\/a.*\r\n.*watch\/b.*second.*\r\n$/s,
  );
});

test.concurrent("passwd asks twice and shows nothing", async () => {
  const path = join(under.folder, "asked");
  const asking = onTerminal(["passwd", "-c", path, "anna"]);
  await asking.says("Password for anna: ");
  asking.type("secret\r");
  await asking.says("Once more: ");
  asking.type("secret\r");
  const { stdout, code } = await asking.ended;
  expect(code).toBe(0);
  expect(stdout).not.toContain("secret");
  expect(readFileSync(path, "utf8")).toMatch(/^anna:\$argon2id\$/);
  const different = onTerminal(["passwd", path, "anna"]);
  await different.says("Password for anna: ");
  different.type("one\r");
  await different.says("Once more: ");
  different.type("two\r");
  expect(await different.ended).toMatchObject({
    code: 1,
    stdout: expect.stringContaining("The two passwords are not the same."),
  });
  const stopped = onTerminal(["passwd", path, "anna"]);
  await stopped.says("Password for anna: ");
  stopped.type(CTRL_C);
  const { stdout: said, code: stoppedCode } = await stopped.ended;
  expect(said.trimEnd()).toBe("Password for anna:");
  expect(stoppedCode).toBe(130);
  expect((await run(["passwd", "--verify", path, "anna"], { env: { TIDINGS_PASSWORD: "secret" } })).code).toBe(0);
});

test.concurrent("pub -l takes typed lines until Ctrl-D", async () => {
  const sub = await under.subscriber([...port(), "-t", "typed", "-C", "2"]);
  const pub = onTerminal(["pub", ...port(), "-t", "typed", "-l", "-d"]);
  await pub.says("connected as");
  pub.type("one\rtwo\r");
  await sub.ended;
  pub.type(CTRL_D);
  expect((await pub.ended).code).toBe(0);
  expect(sub.stdout).toBe("one\ntwo\n");
});

test.concurrent("bench shows its progress, and Ctrl-C ends it with the cursor back", async () => {
  const bench = onTerminal(["bench", "rtt", ...port(), "--duration", "60"]);
  await bench.says(/running .*%/);
  bench.type(CTRL_C);
  const { stdout, code } = await bench.ended;
  expect(code).toBe(130);
  const output = visible(stdout);
  expect(output.lastIndexOf("␛[?25h")).toBeGreaterThan(output.lastIndexOf("␛[?25l"));
  expect(stdout).toMatch(/round trip +min /);
});

test.concurrent("check counts while it works, and prints its table in colours", async () => {
  const { stdout, code } = await onTerminal(["check", ...port(), "--answer", "1"]).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/\r\d+ of \d+ checks/);
  expect(visible(stdout)).toMatch(/␛\[32m/);
});
