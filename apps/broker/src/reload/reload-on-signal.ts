/** SIGHUP: read the configuration again, and say in the log what came of it. */

import type { Logger } from "../logger.js";
import type { Systemd } from "../running/systemd.js";
import type { Reloader } from "./reloader.js";

export function reloadOnSignal(reloader: Reloader, logger: Logger, systemd: Systemd): void {
  if (process.platform === "win32") return; // there it means that the window was closed
  process.on("SIGHUP", () => void reloadAndTell(reloader, logger, systemd));
}

async function reloadAndTell(reloader: Reloader, logger: Logger, systemd: Systemd): Promise<void> {
  systemd.reloading();
  try {
    const { changes, needsRestart } = await reloader.reload();
    logger.info(
      { changes },
      changes.length === 0 ? "configuration read again: nothing has changed" : "configuration read again",
    );
    if (needsRestart.length > 0) {
      logger.warn({ paths: needsRestart }, `not in force until the next start: ${needsRestart.join(", ")}`);
    }
  } catch (error) {
    const problems = (error as Error).message.split("\n");
    logger.error({ problems }, `configuration not taken over, everything stays as it was: ${problems[0]}`);
  } finally {
    systemd.ready();
  }
}
