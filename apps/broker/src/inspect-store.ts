/** `tidings-broker store …`: what a store holds and whether it is sound, a JSON object per line. */
import { writeSync } from "node:fs";
import { compactStore, dumpStore, type StoreError, storeStats, verifyStore } from "@tidings/store-lmdb";
import type { StoreArguments } from "./parse-arguments.js";

const STDOUT = 1;

/** Ends the process with code 1 when there is no store, or when `verify` finds problems. */
export async function inspectStore({ storeAction, dataDirectory }: StoreArguments): Promise<void> {
  try {
    process.exitCode = await ACTIONS[storeAction](dataDirectory);
  } catch (error) {
    const { code, message } = error as StoreError;
    if (!String(code).startsWith("TIDINGS_STORE_")) throw error;
    process.stderr.write(`tidings-broker: ${message}\n`);
    process.exitCode = 1;
  }
}

const ACTIONS: Record<StoreArguments["storeAction"], (directory: string) => Promise<0 | 1>> = {
  stats: async (directory) => {
    print(await storeStats(directory));
    return 0;
  },
  dump: async (directory) => {
    await dumpStore(directory, print);
    return 0;
  },
  verify: async (directory) => {
    const problems = await verifyStore(directory, (problem) => print({ problem }));
    print({ problems });
    return problems === 0 ? 0 : 1;
  },
  compact: async (directory) => {
    print(await compactStore(directory));
    return 0;
  },
};

/** Waits for whoever reads: a dump may be larger than memory. */
function print(entry: object): void {
  const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(STDOUT, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") process.exit(0); // the reader has seen enough
      if (code !== "EAGAIN") throw error;
    }
  }
}
