/** Messages between publishers and subscribers in a closed loop, every one checked. */
import type { LoadResult, LoadTask, TrafficParameters } from "../scenarios/scenario.js";
import { LoadClient, LoadPublisher } from "./load-client.js";
import { Meter, sleep, until } from "./meter.js";

/** Messages in one write of a publisher at most. */
const BATCH_MAX = 256;

export async function runTraffic(task: LoadTask<TrafficParameters>): Promise<LoadResult> {
  const { parameters, port, brokerPid } = task;
  const { protocolVersion, qos, window } = parameters;
  const { tls } = parameters;
  const open = (clientIdentifier: string) => LoadClient.open({ port, protocolVersion, clientIdentifier, tls });
  const subscribers: LoadClient[] = [];
  for (let i = 0; i < parameters.subscribers; i++) {
    const clientIdentifier = `s${i}`;
    const subscriber = await LoadClient.open({
      port,
      protocolVersion,
      clientIdentifier,
      persistent: parameters.persistent,
      tls,
    });
    await subscriber.subscribe([parameters.topicFilter.replace("%", String(i))], qos);
    subscribers.push(subscriber);
  }
  for (let i = 0; i < (parameters.frozen ?? 0); i++) {
    const frozen = await open(`f${i}`);
    await frozen.subscribe([parameters.topicFilter], qos);
    frozen.stream.pause();
  }
  const publishers: LoadPublisher[] = [];
  for (let i = 0; i < parameters.publishers; i++) {
    const topicName = parameters.topicName.replace("%", String(i));
    publishers.push(new LoadPublisher(await open(`p${i}`), i, topicName, parameters));
  }

  // What a publisher has outstanding is what its slowest reader, or its acknowledgements, have not returned yet.
  let stopped = false;
  const isPaired = publishers.length === subscribers.length && publishers.length > 1;
  const returned = (publisher: LoadPublisher, index: number): number => {
    let least = Number.POSITIVE_INFINITY;
    if (isPaired) least = subscribers[index].deliveries;
    else if (publishers.length > 1) least = subscribers[0].sequenceOf(index);
    else for (const { deliveries } of subscribers) if (deliveries < least) least = deliveries;
    return qos === 0 ? least : Math.min(least, publisher.client.acknowledged);
  };
  const pump = (index: number): void => {
    if (stopped) return;
    const publisher = publishers[index];
    const room = returned(publisher, index) + window - publisher.sent;
    // Half a window at a time, so that a write carries many.
    if (room < Math.max(1, window >> 1)) return;
    for (let left = room; left > 0; left -= BATCH_MAX) publisher.send(Math.min(left, BATCH_MAX));
  };
  const pumpAll = (): void => {
    for (let i = 0; i < publishers.length; i++) pump(i);
  };
  publishers.forEach(({ client }, index) => {
    client.onProgress = () => pump(index);
  });
  subscribers.forEach((subscriber, index) => {
    subscriber.onProgress = isPaired ? () => pump(index) : pumpAll;
  });
  pumpAll();

  const total = (): number => subscribers.reduce((sum, { deliveries }) => sum + deliveries, 0);
  await sleep(task.warmUpMs);
  const before = total();
  const meter = new Meter(brokerPid);
  await sleep(task.measureMs);
  const deliveries = total() - before;
  const measured = meter.read();

  // Everything sent has to arrive.
  stopped = true;
  const sent = publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
  const due = isPaired || subscribers.length === 1 ? sent : sent * subscribers.length;
  const errors: string[] = [];
  if (!(await until(() => total() >= due, 10_000))) errors.push(`${due} deliveries were due, ${total()} came`);
  if (qos > 0) {
    const acknowledged = () => publishers.reduce((sum, { client }) => sum + client.acknowledged, 0);
    if (!(await until(() => acknowledged() >= sent, 10_000)))
      errors.push(`${sent - acknowledged()} messages were not acknowledged`);
  }
  for (const client of [...subscribers, ...publishers.map((publisher) => publisher.client)])
    errors.push(...client.errors);
  return {
    metrics: {
      deliveries: deliveries / measured.seconds,
      "deliveries per broker CPU second": deliveries / measured.brokerCpu,
    },
    ...measured,
    errors,
  };
}
