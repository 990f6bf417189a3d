/** What the broker holds and what it costs, in one record; SIGUSR2 writes it to the log. */
import { getHeapStatistics } from "node:v8";
import type { Broker } from "@tidings/broker";
import type { ListenerSet } from "../listeners/listener-set.js";
import type { Logger } from "../logger.js";

function summarize(broker: Broker, listeners: ListenerSet) {
  const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
  return {
    uptimeSeconds: Math.floor(process.uptime()),
    connections: broker.connectionCount,
    sessions: broker.sessionCount,
    subscriptions: broker.subscriptionCount,
    retainedMessages: broker.retainedMessageCount,
    droppedMessages: broker.droppedMessages,
    listeners: listeners.open.map(({ configuration, listener }) => `${configuration.name} ${listener.url}`),
    memoryBytes: { rss, heapUsed, heapTotal, external, arrayBuffers, heapLimit: getHeapStatistics().heap_size_limit },
  };
}

export function summarizeOnSignal(broker: Broker, listeners: ListenerSet, logger: Logger): void {
  if (process.platform === "win32") return; // it has no such signal
  process.on("SIGUSR2", () => logger.info(summarize(broker, listeners), "summary"));
}
