/**
 * Keeps V8's young generation small unless messages need it. V8 lets it grow whenever much survives, up to 32 MB and never
 * back; what connections allocate survives, so that ten thousand of them would cost twice the memory, for nothing. What
 * messages allocate dies soon, and a larger young generation saves copying it. So it may grow only while the broker
 * is busy and the number of connections stands still.
 * Figures: docs/decisions/0006-young-generation.md.
 */
import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import type { Broker } from "@tidings/broker";

const CHECK_INTERVAL_MS = 500;
/** Share of the time that the event loop has to be busy. */
const BUSY_SHARE_MIN = 0.3;

const KEEP = "--semi-space-growth-factor=1";
const GROW = "--semi-space-growth-factor=2"; // V8's own default

/** Call at the start, before much is allocated. A V8 without the flag goes on as it is. */
export function boundYoungGeneration(broker: Broker): void {
  setFlagsFromString(KEEP);
  let utilization = performance.eventLoopUtilization();
  let connectionCount = 0;
  setInterval(() => {
    const last = utilization;
    utilization = performance.eventLoopUtilization();
    const isBusy = performance.eventLoopUtilization(utilization, last).utilization >= BUSY_SHARE_MIN;
    const standsStill = Math.abs(broker.connectionCount - connectionCount) * 100 <= connectionCount;
    connectionCount = broker.connectionCount;
    setFlagsFromString(isBusy && standsStill ? GROW : KEEP);
  }, CHECK_INTERVAL_MS).unref();
}
