/** A sample every so often, and the last few of them. */
import type { Broker } from "@tidings/broker";
import { type Sample, takeSample } from "./stats.js";

export class StatsHistory {
  /** Oldest first. */
  readonly samples: Sample[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly broker: Broker,
    readonly intervalMs: number,
    private readonly samplesMax: number,
  ) {
    this.take();
    this.timer = setInterval(() => this.take(), intervalMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private take(): void {
    this.samples.push(takeSample(this.broker, Date.now()));
    if (this.samples.length > this.samplesMax) this.samples.shift();
  }
}
