/** What the broker tells by itself: `$SYS` topics and OpenTelemetry. */
import type { Broker, BrokerHooks } from "@tidings/broker";
import { publishSysTopics } from "@tidings/metrics";
import type { Configuration } from "../config/schema.js";

export interface Telemetry {
  readonly hooks: readonly BrokerHooks[];
  start(broker: Broker, version: string): void;
  stop(): Promise<void>;
}

/** OpenTelemetry is not even loaded where nobody asks for it. */
export async function createTelemetry({ metrics = {} }: Configuration): Promise<Telemetry> {
  const { sysTopics = {}, openTelemetry: section } = metrics;
  const openTelemetry =
    section === undefined ? undefined : (await import("@tidings/metrics/open-telemetry")).openTelemetry(section);
  return {
    hooks: openTelemetry?.hooks ?? [],
    start: (broker, version) => {
      openTelemetry?.start(broker);
      if (sysTopics.isOff !== true) publishSysTopics(broker, { version, intervalMs: sysTopics.intervalMs });
    },
    stop: async () => openTelemetry?.stop(),
  };
}
