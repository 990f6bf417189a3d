/** Ctrl-C and SIGTERM: a clean stop first; the second time, the end. */
import type { Logger } from "../logger.js";
import type { Systemd } from "./systemd.js";

/** A terminal signals the whole group, and package managers pass the same Ctrl-C on once more: that is not a second one. */
const SAME_SIGNAL_MS = 250;

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

export function stopOnSignals(stop: () => Promise<void>, logger: Logger, systemd: Systemd): void {
  let stoppingSinceMs: number | undefined;
  const onSignal = (signal: "SIGINT" | "SIGTERM"): void => {
    if (stoppingSinceMs !== undefined) {
      if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(EXIT_CODES[signal]);
      return;
    }
    stoppingSinceMs = performance.now();
    logger.info({ signal }, "stopping");
    systemd.stopping();
    stop().then(() => {
      logger.info("stopped");
      process.exit(0);
    });
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
