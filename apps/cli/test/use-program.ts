/** What every test of the built command needs, made before the tests of a file and gone after them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type BuiltProgram, buildProgram } from "./build-program.js";
import { hasMosquitto, removeMosquittoFiles, startMosquitto } from "./mosquitto.js";
import { type Ended, endProcesses, type Started, type StartOptions, start } from "./processes.js";
import { closeBrokers, startTidings } from "./tidings-broker.js";

export interface ProgramUnderTest {
  readonly program: BuiltProgram;
  readonly folder: string;
  readonly ports: { readonly tidings: number; readonly mosquitto: number };
  tidings(words: readonly string[], options?: StartOptions): Started;
  run(words: readonly string[], options?: StartOptions): Promise<Ended>;
  /** `-p` and the port of the Tidings broker, or of the other one. */
  port(broker?: "tidings" | "mosquitto"): string[];
  /** Subscribed, as `-d` tells. */
  subscriber(words: readonly string[], options?: StartOptions): Promise<Started>;
}

/** To be read inside of tests alone: before, nothing is there. */
export function useProgram(): ProgramUnderTest {
  let program: BuiltProgram;
  let folder = "";
  let ports = { tidings: 0, mosquitto: 0 };

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
  return {
    get program() {
      return program;
    },
    get folder() {
      return folder;
    },
    get ports() {
      return ports;
    },
    tidings,
    run: (words, options) => tidings(words, options).ended,
    port: (broker = "tidings") => ["-p", String(ports[broker])],
    subscriber: async (words, options) => {
      const process = tidings(["sub", "-d", ...words], options);
      await process.says("subscribed: ");
      return process;
    },
  };
}
