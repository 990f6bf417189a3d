/**
 * `pnpm start`: builds what has changed, without a word if it works, and runs the broker in this process, so that
 * arguments and signals reach it directly. Types are for publishing and take ten times as long; they are left out.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("dist/main.js", import.meta.url);
if (!existsSync(main)) process.stderr.write("Building the broker, which takes a few seconds the first time ...\n");

const turbo = fileURLToPath(import.meta.resolve("turbo/bin/turbo"));
const build = ["run", "build", "--filter=@tidings/broker-app", "--output-logs=errors-only", "--no-update-notifier"];
const { status, stdout, stderr } = spawnSync(process.execPath, [turbo, ...build, "--", "--no-dts"], {
  encoding: "utf8",
});
if (status === 0) await import(main.href);
else {
  process.stderr.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}
