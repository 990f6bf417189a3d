/**
 * Tells systemd how we are: ready, reloading, stopping, alive. Node has no sockets of that kind, so `systemd-notify` says
 * it for us, which needs `NotifyAccess=all` in the unit. Without `NOTIFY_SOCKET` in the environment nothing happens.
 */
import { spawn } from "node:child_process";

export interface Systemd {
  ready(): void;
  reloading(): void;
  stopping(): void;
}

const SILENT: Systemd = { ready: () => {}, reloading: () => {}, stopping: () => {} };

/** `onFailure` hears, once, that systemd cannot be told. */
export function connectSystemd(environment: NodeJS.ProcessEnv, onFailure: (reason: string) => void): Systemd {
  if (environment["NOTIFY_SOCKET"] === undefined) return SILENT;
  let hasFailed = false;
  const fail = (reason: string): void => {
    if (hasFailed) return;
    hasFailed = true;
    onFailure(reason);
  };
  const notify = (...assignments: string[]): void => {
    const child = spawn("systemd-notify", assignments, { stdio: "ignore", env: environment });
    child.once("error", ({ message }) => fail(message));
    child.once("exit", (code) => {
      if (code !== 0) fail(`systemd-notify ended with code ${code}`);
    });
    child.unref();
  };
  keepWatchdog(environment, () => notify("WATCHDOG=1"));
  return {
    ready: () => notify("READY=1", `MAINPID=${process.pid}`),
    reloading: () => notify("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => notify("STOPPING=1"),
  };
}

/** Half as long as systemd waits; a blocked event loop misses it, which is what the watchdog is for. */
function keepWatchdog(environment: NodeJS.ProcessEnv, tell: () => void): void {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment;
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return;
  const intervalMs = Number(WATCHDOG_USEC) / 2000;
  if (Number.isFinite(intervalMs) && intervalMs >= 1) setInterval(tell, intervalMs).unref();
}
