/**
 * A broker under measurement: how to start a fresh one on a port, with limits raised so that none drops.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import type { Guards, Scenario } from "../scenarios/scenario.js";

export interface Peer {
  readonly name: string;
  /** What it is, for the table's head; undefined: not installed. */
  version(): string | undefined;
  /** False: the scenario needs what this one does not have. */
  speaks(scenario: Scenario): boolean;
  /** Command line for a broker that listens on `port` and may keep files in `directory`. */
  command(port: number, directory: string, tls: TlsFiles | undefined, guards?: RunningGuards): string[];
}

/** Where a broker finds what it needs for TLS. */
export interface TlsFiles {
  certificate: string;
  key: string;
}

/** Metrics are on a port of their own. */
export type RunningGuards = Guards & { readonly metricsPort: number };

export interface RunningPeer {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts the peer on the given core, where there are several, and waits until it accepts connections. */
export async function startPeer(
  peer: Peer,
  port: number,
  directory: string,
  core: number | undefined,
  tls: TlsFiles | undefined,
  guards: RunningGuards | undefined,
): Promise<RunningPeer> {
  const [command, ...parameters] = onCore(core, peer.command(port, directory, tls, guards));
  const child = spawn(command, parameters, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.on("data", (chunk) => {
    output = `${output}${chunk}`.slice(-2000);
  });
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null) throw new Error(`${peer.name} ended with ${child.exitCode}: ${output}`);
    if (await accepts(port)) break;
    if (attempt > 100) throw new Error(`${peer.name} does not accept connections on port ${port}: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { pid: child.pid as number, stop: () => stop(child) };
}

/** `taskset` becomes the program itself, so the process id stays right. */
export function onCore(core: number | undefined, command: string[]): string[] {
  return core === undefined ? command : ["taskset", "-c", String(core), ...command];
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 3000);
  await ended;
  clearTimeout(late);
}
