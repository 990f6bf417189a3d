/**
 * Time, CPU and memory between two moments of a run.
 */
import { readFileSync } from "node:fs";

/** User and system time of a process so far, in seconds, from /proc; NaN where there is none. */
function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory of a process, in bytes; NaN where /proc does not tell. */
export function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(status.match(/VmRSS:\s+(\d+) kB/)?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

export class Meter {
  private readonly startedMs = performance.now();
  private readonly brokerCpu: number;
  private readonly loadCpu = process.cpuUsage();

  constructor(private readonly brokerPid: number) {
    this.brokerCpu = cpuSeconds(brokerPid);
  }

  read(): { seconds: number; brokerCpu: number; loadCpu: number } {
    const load = process.cpuUsage(this.loadCpu);
    return {
      seconds: (performance.now() - this.startedMs) / 1000,
      brokerCpu: cpuSeconds(this.brokerPid) - this.brokerCpu,
      loadCpu: (load.user + load.system) / 1e6,
    };
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until `isDone`, `limitMs` at most; false: it was not. */
export async function until(isDone: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!isDone()) {
    if (performance.now() > endMs) return false;
    await sleep(5);
  }
  return true;
}
