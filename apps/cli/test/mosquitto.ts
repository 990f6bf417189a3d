/** A real mosquitto, on a port that was free, with its log to wait for. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Started, start } from "./processes.js";

const DAEMON = ["mosquitto", "/usr/sbin/mosquitto"].find((path) => spawnSync(path, ["-h"]).status !== null);

const CLIENT: string = ["mosquitto", "sub"].join("_");

/** Where it is not installed the tests are skipped; where CI runs they fail. */
export const hasMosquitto =
  process.env.CI === "true" || (DAEMON !== undefined && spawnSync(CLIENT, ["--version"]).status !== null);

export interface Mosquitto {
  readonly port: number;
  readonly process: Started;
  /** Resolves when this client has subscribed to the filter. */
  subscribed(clientIdentifier: string, filter: string): Promise<unknown>;
}

let folder: string | undefined;

/** `settings` are lines of its configuration. */
export async function startMosquitto(settings: readonly string[] = ["allow_anonymous true"]): Promise<Mosquitto> {
  folder ??= mkdtempSync(join(tmpdir(), "tidings-mosquitto-"));
  const port = await freePort();
  const path = join(folder, `${port}.conf`);
  const lines = [`listener ${port} 127.0.0.1`, "user root", "log_dest stderr", "log_type all", ...settings];
  writeFileSync(path, `${lines.join("\n")}\n`);
  const daemon = start(DAEMON ?? "mosquitto", ["-c", path], { keepInput: true });
  await daemon.says("running");
  return {
    port,
    process: daemon,
    subscribed: async (clientIdentifier, filter) => {
      await daemon.says(new RegExp(`: ${clientIdentifier} \\d ${filter.replace(/[\^$.*+?()[\]{}|/\\]/g, "\\$&")}\\n`));
      await daemon.says(`Sending SUBACK to ${clientIdentifier}\n`);
    },
  };
}

/** For `afterAll`, after the processes have ended. */
export function removeMosquittoFiles(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** A port that the system chose and gave back. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
