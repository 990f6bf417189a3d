/**
 * One run of one scenario against one fresh broker, the load in a process and on a core of its own.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SERVER_CERTIFICATE, SERVER_KEY } from "@tidings/transport/testing";
import { onCore, type Peer, startPeer, type TlsFiles } from "./peers/peer.js";
import type { LoadResult, Scenario } from "./scenarios/scenario.js";

const execute = promisify(execFile);

export interface RunTimes {
  warmUpMs: number;
  measureMs: number;
}

/** A run that fails is a void one, with what went wrong among its errors. */
export async function runScenario(scenario: Scenario, peer: Peer, times: RunTimes): Promise<LoadResult> {
  const directory = mkdtempSync(join(tmpdir(), "tidings-bench-"));
  const cores = process.platform === "linux" && availableParallelism() > 1;
  const port = await freePort();
  try {
    const guards = scenario.guards && { ...scenario.guards, metricsPort: await freePort() };
    const tls = tlsFiles(scenario, directory);
    const broker = await startPeer(peer, port, directory, cores ? 0 : undefined, tls, guards);
    const scraping = guards?.metrics === true ? setInterval(() => scrape(guards.metricsPort), 1000) : undefined;
    try {
      const { program, parameters } = scenario;
      const task = JSON.stringify({ program, parameters, port, brokerPid: broker.pid, ...times });
      const load = fileURLToPath(new URL("./load/main.ts", import.meta.url));
      const node = [process.execPath, "--conditions=@tidings/source", "--import", "tsx", load, task];
      const [command, ...words] = onCore(cores ? 1 : undefined, node);
      const { stdout } = await execute(command, words, { timeout: 120_000 });
      return JSON.parse(stdout) as LoadResult;
    } finally {
      clearInterval(scraping);
      await broker.stop();
    }
  } catch (error) {
    const { message } = error as Error;
    return { metrics: {}, seconds: 0, brokerCpu: 0, loadCpu: 0, errors: [message.slice(0, 300)] };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Undefined: the scenario is without TLS. */
function tlsFiles(scenario: Scenario, directory: string): TlsFiles | undefined {
  const { program, parameters } = scenario;
  if ((program !== "idle" && program !== "traffic") || parameters.tls !== true) return undefined;
  const certificate = join(directory, "certificate.pem");
  const key = join(directory, "key.pem");
  writeFileSync(certificate, SERVER_CERTIFICATE);
  writeFileSync(key, SERVER_KEY);
  return { certificate, key };
}

/** As Prometheus does; a scrape that fails makes the run void. */
async function scrape(port: number): Promise<void> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  if (!text.includes("tidings_messages_received_total")) throw new Error("the metrics are not those of a broker");
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
