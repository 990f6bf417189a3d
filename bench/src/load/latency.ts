/**
 * How long a message takes from the moment it was due to be sent until it is read, at a fixed rate: an open loop, so that
 * a broker that falls behind cannot slow the clock down.
 */
import type { LatencyParameters, LoadResult, LoadTask } from "../scenarios/scenario.js";
import { LoadClient, LoadPublisher } from "./load-client.js";
import { Meter, until } from "./meter.js";

export async function runLatency(task: LoadTask<LatencyParameters>): Promise<LoadResult> {
  const { parameters, port, brokerPid } = task;
  const { pairs, messagesPerSecond, payloadBytes } = parameters;
  const publishers: LoadPublisher[] = [];
  const subscribers: LoadClient[] = [];
  const latencies: number[] = [];
  let measuring = false;
  for (let i = 0; i < pairs; i++) {
    const subscriber = await LoadClient.open({ port, protocolVersion: 4, clientIdentifier: `s${i}` });
    await subscriber.subscribe([`bench/latency/${i}`], 0);
    subscriber.onTimed = (dueMs) => {
      if (measuring) latencies.push(performance.now() - dueMs);
    };
    subscribers.push(subscriber);
    const client = await LoadClient.open({ port, protocolVersion: 4, clientIdentifier: `p${i}` });
    publishers.push(new LoadPublisher(client, i, `bench/latency/${i}`, { qos: 0, protocolVersion: 4, payloadBytes }));
  }

  const startMs = performance.now();
  const endMs = startMs + task.warmUpMs + task.measureMs;
  const intervalMs = 1000 / messagesPerSecond;
  let next = 0;
  let meter: Meter | undefined;
  await new Promise<void>((resolve) => {
    // A spinning loop: timers are too coarse. The load has a core of its own.
    const spin = (): void => {
      const nowMs = performance.now();
      for (; startMs + next * intervalMs <= nowMs; next++) {
        publishers[next % pairs].send(1, startMs + next * intervalMs);
      }
      if (meter === undefined && nowMs >= startMs + task.warmUpMs) {
        meter = new Meter(brokerPid);
        measuring = true;
      }
      if (nowMs >= endMs) resolve();
      else setImmediate(spin);
    };
    spin();
  });
  const measured = (meter as unknown as Meter).read();
  const total = (): number => subscribers.reduce((sum, { deliveries }) => sum + deliveries, 0);
  const errors: string[] = [];
  if (!(await until(() => total() >= next, 5000))) errors.push(`${next} deliveries were due, ${total()} came`);
  for (const client of subscribers) errors.push(...client.errors);
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
  return { metrics: { p50: quantile(0.5), p99: quantile(0.99), "p99.9": quantile(0.999) }, ...measured, errors };
}
