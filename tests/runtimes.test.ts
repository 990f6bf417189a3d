/**
 * The client as it is published, in other runtimes than Node: its packages are built and laid out as npm would, and one program
 * runs on them under Node, Deno and Bun, against the broker.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrokerServer, createBrokerServer } from "../packages/broker/src/node/index.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

const PACKAGES = ["packet", "topic", "session", "transport", "client"];

/** Prints what it received, in a line for each message. */
const PROGRAM = `
import { connect } from "@tidings/client";

const client = await connect(process.argv.at(-1));
const seen = [];
let done;
const all = new Promise((resolve) => (done = resolve));
await client.subscribe("runtime/+", { qos: 2, handler: (message) => {
  seen.push(message.qos + " " + message.text() + " " + (message.properties.contentType ?? ""));
  if (seen.length === 3) done();
} });
for (const qos of [0, 1, 2]) {
  await client.publish("runtime/" + qos, "grüße " + qos, { qos, properties: { contentType: "text" } });
}
await all;
await client.close();
console.log(seen.sort().join("\\n") + "\\n" + client.status);
`;

/** The binary in the package of this platform, one of those that the named package chooses from. */
async function binaryOf(name: string, path: string): Promise<string> {
  const manifest = require.resolve(`${name}/package.json`);
  const { optionalDependencies } = JSON.parse(await readFile(manifest, "utf8"));
  const own = createRequire(manifest);
  for (const platform of Object.keys(optionalDependencies)) {
    try {
      return join(dirname(own.resolve(`${platform}/package.json`)), path);
    } catch {
      // Of another platform.
    }
  }
  throw new Error(`npm has no ${name} for this platform, or it was not installed.`);
}

const suffix = process.platform === "win32" ? ".exe" : "";
const RUNTIMES: readonly [string, () => Promise<string>, readonly string[]][] = [
  ["Node", async () => process.execPath, []],
  ["Deno", () => binaryOf("deno", `deno${suffix}`), ["run", "--allow-all", "--quiet"]],
  ["Bun", () => binaryOf("bun", `bin/bun${suffix}`), []],
];

/** Builds a package without its types, and puts it where programs in `folder` find it. */
async function install(name: string, folder: string): Promise<void> {
  const source = join(root, "packages", name);
  const target = join(folder, "node_modules", "@tidings", name);
  await mkdir(target, { recursive: true });
  await cp(join(source, "package.json"), join(target, "package.json"));
  const tsup = require.resolve("tsup/package.json").replace("package.json", "dist/cli-default.js");
  await run(process.execPath, [tsup, "--no-dts", "--out-dir", join(target, "dist")], { cwd: source });
}

describe("the built package", () => {
  let folder: string;
  let server: BrokerServer;
  let tcp: string;
  let webSocket: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tidings-runtimes-"));
    server = await createBrokerServer();
    tcp = (await server.listenTcp({ host: "127.0.0.1", port: 0 })).url;
    webSocket = (await server.listenWebSocket({ host: "127.0.0.1", port: 0 })).url;
    for (const name of PACKAGES) await install(name, folder);
    const ws = dirname(createRequire(join(root, "packages/transport/package.json")).resolve("ws/package.json"));
    await symlink(ws, join(folder, "node_modules", "ws"), "junction");
    await writeFile(join(folder, "package.json"), '{ "type": "module", "dependencies": { "@tidings/client": "*" } }');
    await writeFile(join(folder, "program.js"), PROGRAM);
  });

  afterAll(async () => {
    await server?.close(0);
    await rm(folder, { recursive: true, force: true });
  });

  test.each(RUNTIMES)("publishes and receives under %s, over TCP and WebSocket", async (_, binary, options) => {
    const path = await binary();
    const expected = ["0 grüße 0 text", "1 grüße 1 text", "2 grüße 2 text", "closed", ""].join("\n");
    for (const url of [tcp, webSocket]) {
      const { stdout } = await run(path, [...options, join(folder, "program.js"), url], {
        cwd: folder,
        timeout: 15_000,
      });
      expect(stdout).toBe(expected);
    }
  });
});
