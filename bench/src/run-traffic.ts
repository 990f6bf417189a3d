/**
 * One run of one traffic scenario against one fresh broker, the load in a process and on a core of its own.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TrafficResult, TrafficTask } from "./load/traffic.js";
import { onCore, type Peer, startPeer } from "./peers/peer.js";
import type { TrafficScenario } from "./scenarios/traffic-scenario.js";

const execute = promisify(execFile);

export interface RunTimes {
  warmUpMs: number;
  measureMs: number;
}

export async function runTraffic(scenario: TrafficScenario, peer: Peer, times: RunTimes): Promise<TrafficResult> {
  const directory = mkdtempSync(join(tmpdir(), "tidings-bench-"));
  const cores = process.platform === "linux" && availableParallelism() > 1;
  const port = await freePort();
  const broker = await startPeer(peer, port, directory, cores ? 0 : undefined);
  try {
    const task: TrafficTask = { scenario, port, brokerPid: broker.pid, ...times };
    const load = fileURLToPath(new URL("./load/traffic.ts", import.meta.url));
    const node = [process.execPath, "--conditions=@tidings/source", "--import", "tsx", load, JSON.stringify(task)];
    const [command, ...parameters] = onCore(cores ? 1 : undefined, node);
    const { stdout } = await execute(command, parameters, { timeout: 120_000 });
    return JSON.parse(stdout.slice(stdout.lastIndexOf("\n", stdout.length - 2) + 1)) as TrafficResult;
  } finally {
    await broker.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
