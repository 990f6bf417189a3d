/**
 * A process of its own: runs one traffic pattern in a closed loop against a broker and prints what it measured as one
 * line of JSON. Started by `run-traffic.ts` with the scenario as its argument.
 */
import type { QoS } from "@tidings/packet";
import type { TrafficScenario } from "../scenarios/traffic-scenario.js";
import { cpuSeconds } from "./cpu-time.js";
import { LoadClient, LoadPublisher } from "./load-client.js";

export interface TrafficTask {
  scenario: TrafficScenario;
  port: number;
  brokerPid: number;
  warmUpMs: number;
  measureMs: number;
}

export interface TrafficResult {
  deliveries: number;
  seconds: number;
  /** CPU seconds of the broker while measuring. */
  brokerCpu: number;
  /** CPU seconds of this process while measuring. */
  loadCpu: number;
  /** Empty, or the run is void. */
  errors: string[];
}

/** Messages in one write of a publisher at most. */
const BATCH_MAX = 256;

async function run(task: TrafficTask): Promise<TrafficResult> {
  const { scenario, port, brokerPid } = task;
  const { protocolVersion, qos } = scenario;
  const open = (clientIdentifier: string) => LoadClient.open({ port, protocolVersion, clientIdentifier });
  const subscribers: LoadClient[] = [];
  for (let i = 0; i < scenario.subscribers; i++) {
    const subscriber = await open(`s${i}`);
    await subscriber.subscribe(scenario.topicFilter.replace("%", String(i)), qos as QoS);
    subscribers.push(subscriber);
  }
  const publishers: LoadPublisher[] = [];
  for (let i = 0; i < scenario.publishers; i++) {
    const client = await open(`p${i}`);
    const topicName = scenario.topicName.replace("%", String(i));
    publishers.push(
      new LoadPublisher(client, i, topicName, qos as QoS, protocolVersion, scenario.payloadBytes, scenario.properties),
    );
  }

  // What a publisher may have outstanding is what its slowest reader and its acknowledgements have not returned yet.
  let stopped = false;
  const isPaired = scenario.publishers === scenario.subscribers && scenario.publishers > 1;
  const returned = (publisher: LoadPublisher, index: number): number => {
    let least = Number.POSITIVE_INFINITY;
    if (isPaired) least = subscribers[index].deliveries;
    else if (scenario.publishers === 1) for (const { deliveries } of subscribers) least = Math.min(least, deliveries);
    else least = subscribers[0].deliveries / scenario.publishers + scenario.window / 2;
    return qos === 0 ? least : Math.min(least, publisher.client.acknowledged);
  };
  const pump = (publisher: LoadPublisher, index: number): void => {
    if (stopped) return;
    const room = Math.floor(returned(publisher, index)) + scenario.window - publisher.sent;
    // Half a window at a time, so that a write carries many.
    if (room < Math.max(1, scenario.window >> 1)) return;
    for (let left = room; left > 0; left -= BATCH_MAX) publisher.send(Math.min(left, BATCH_MAX));
  };
  const pumpAll = (): void => {
    for (let i = 0; i < publishers.length; i++) pump(publishers[i], i);
  };
  for (let i = 0; i < publishers.length; i++) publishers[i].client.onProgress = () => pump(publishers[i], i);
  for (let i = 0; i < subscribers.length; i++) {
    subscribers[i].onProgress = isPaired ? () => pump(publishers[i], i) : pumpAll;
  }
  pumpAll();

  const total = (): number => subscribers.reduce((sum, { deliveries }) => sum + deliveries, 0);
  await sleep(task.warmUpMs);
  const before = {
    deliveries: total(),
    at: performance.now(),
    broker: cpuSeconds(brokerPid),
    load: process.cpuUsage(),
  };
  await sleep(task.measureMs);
  const load = process.cpuUsage(before.load);
  const result: TrafficResult = {
    deliveries: total() - before.deliveries,
    seconds: (performance.now() - before.at) / 1000,
    brokerCpu: cpuSeconds(brokerPid) - before.broker,
    loadCpu: (load.user + load.system) / 1e6,
    errors: [],
  };

  // Everything sent has to arrive.
  stopped = true;
  const sent = publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
  const due = isPaired || scenario.subscribers === 1 ? sent : sent * scenario.subscribers;
  for (let i = 0; i < 200 && total() < due; i++) await sleep(50);
  if (total() !== due) result.errors.push(`${due} deliveries were due, ${total()} came`);
  for (const client of [...subscribers, ...publishers.map((publisher) => publisher.client)]) {
    result.errors.push(...client.errors);
    client.close();
  }
  return result;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const task = JSON.parse(process.argv[2]) as TrafficTask;
process.stdout.write(`${JSON.stringify(await run(task))}\n`);
