/** Tells the broker how much memory the process takes, for the limit `processMemoryBytesMax`. */
import type { Broker } from "@tidings/broker";

const INTERVAL_MS = 1000;

export function watchMemory(broker: Broker): void {
  const look = (): void => {
    if (broker.limits.processMemoryBytesMax > 0) broker.reportProcessMemory(process.memoryUsage.rss());
  };
  setInterval(look, INTERVAL_MS).unref();
}
