/** Many wildcard filters: how fast they are taken, what each costs in memory, and how fast messages find theirs. */
import type { FiltersParameters, LoadResult, LoadTask } from "../scenarios/scenario.js";
import { LoadClient } from "./load-client.js";
import { Meter, residentBytes, sleep, until } from "./meter.js";
import { writeNumberedPublish } from "./numbered-publish.js";

const FILTERS_IN_SUBSCRIBE = 200;
const BATCH_MAX = 250;

export async function runFilters(task: LoadTask<FiltersParameters>): Promise<LoadResult> {
  const { port, brokerPid } = task;
  const { filters, clients, payloadBytes, window } = task.parameters;
  const subscribers: LoadClient[] = [];
  for (let i = 0; i < clients; i++) {
    subscribers.push(await LoadClient.open({ port, protocolVersion: 4, clientIdentifier: `s${i}`, ordered: false }));
  }
  await sleep(1000);
  const residentBefore = residentBytes(brokerPid);
  const startMs = performance.now();
  for (let from = 0; from < filters; from += FILTERS_IN_SUBSCRIBE) {
    const batch: string[] = [];
    for (let id = from; id < Math.min(filters, from + FILTERS_IN_SUBSCRIBE); id++) batch.push(`dev/+/x/${id}/#`);
    await subscribers[(from / FILTERS_IN_SUBSCRIBE) % clients].subscribe(batch, 0);
  }
  const subscribeSeconds = (performance.now() - startMs) / 1000;
  await sleep(1500);
  const memoryPerFilter = (residentBytes(brokerPid) - residentBefore) / filters;

  const publisher = await LoadClient.open({ port, protocolVersion: 4, clientIdentifier: "p" });
  const total = (): number => subscribers.reduce((sum, { deliveries }) => sum + deliveries, 0);
  let sent = 0;
  let stopped = false;
  const pump = (): void => {
    const room = total() + window - sent;
    if (stopped || room < window >> 1) return;
    const bytes = Buffer.allocUnsafe(BATCH_MAX * (payloadBytes + 64));
    for (let left = room; left > 0; left -= BATCH_MAX) {
      let at = 0;
      for (let i = 0; i < Math.min(left, BATCH_MAX); i++) {
        const id = Math.floor(Math.random() * filters);
        at = writeNumberedPublish(bytes, at, `dev/${sent % 97}/x/${id}/t`, payloadBytes, 0, ++sent);
      }
      publisher.stream.write(Buffer.from(bytes.subarray(0, at)));
    }
  };
  for (const subscriber of subscribers) subscriber.onProgress = pump;
  pump();
  await sleep(task.warmUpMs);
  const before = total();
  const meter = new Meter(brokerPid);
  await sleep(task.measureMs);
  const deliveries = total() - before;
  const measured = meter.read();
  stopped = true;
  const errors: string[] = [];
  if (!(await until(() => total() >= sent, 10_000))) errors.push(`${sent} deliveries were due, ${total()} came`);
  for (const client of [...subscribers, publisher]) errors.push(...client.errors);
  return {
    metrics: {
      subscriptions: filters / subscribeSeconds,
      "memory per filter": memoryPerFilter,
      deliveries: deliveries / measured.seconds,
      "deliveries per broker CPU second": deliveries / measured.brokerCpu,
    },
    ...measured,
    errors,
  };
}
