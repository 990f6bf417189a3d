/** The progress bar of `bench`, on stderr. */
import { type Bar, Presets, SingleBar } from "cli-progress";
import type { BenchPhase, BenchProgress } from "./run-bench.js";

/** Not `isShown`: does nothing. */
export function benchProgress(isShown: boolean): { update: BenchProgress; stop: () => void } {
  if (!isShown) return { update: () => {}, stop: () => {} };
  let bar: Bar | undefined;
  let phase: BenchPhase | undefined;
  return {
    update: (next, done, total, note) => {
      if (next !== phase) {
        bar?.stop();
        phase = next;
        const format = `${next.padEnd(10)} {bar} {percentage}%  {note}`;
        bar = new SingleBar(
          { format, stream: process.stderr, hideCursor: true, stopOnComplete: false },
          Presets.shades_classic,
        );
        bar.start(total, 0, { note: "" });
      }
      bar?.update(done, { note });
    },
    stop: () => bar?.stop(),
  };
}
