/** One measurement in a process of its own: `measure.ts <peer> <scenario> <url>` prints a number. */
import { PEERS } from "./peer-client.js";
import type { ClientScenario } from "./scenarios.js";

const WARM_UP = 20_000;
const OUTSTANDING = 1_000;
const CLIENTS = 1_000;
const TOPIC = "bench/devices/42/temperature";
const PAYLOAD = Buffer.alloc(64, "x");

const [peer, scenario, url] = process.argv.slice(2) as [string, ClientScenario, string];
const connect = PEERS[peer];

/** Messages a second. */
async function publishing(qos: 0 | 1, count: number): Promise<number> {
  const client = await connect(url);
  const run = async (messages: number): Promise<void> => {
    if (qos === 0) for (let sent = 0; sent < messages; sent += 1) await client.publish(TOPIC, PAYLOAD, 0);
    else await publishWindow(messages);
    await client.publish(TOPIC, PAYLOAD, 1); // its acknowledgement means that all before have arrived
  };
  const publishWindow = async (messages: number): Promise<void> => {
    let left = messages;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await client.publish(TOPIC, PAYLOAD, 1);
    };
    await Promise.all(Array.from({ length: OUTSTANDING }, worker));
  };
  await run(WARM_UP);
  const start = performance.now();
  await run(count);
  const rate = (count / (performance.now() - start)) * 1_000;
  await client.close();
  return rate;
}

/** Messages a second, from the first fifth on. */
async function receiving(qos: 0 | 1, count: number): Promise<number> {
  const client = await connect(url);
  const warmUp = Math.floor(count / 5);
  let received = 0;
  let start = 0;
  const done = new Promise<number>((resolve) => {
    const onMessage = (): void => {
      received += 1;
      if (received === warmUp) start = performance.now();
      if (received === count) resolve(((count - warmUp) / (performance.now() - start)) * 1_000);
    };
    void client.subscribe(`flood/${qos}/${count}/${PAYLOAD.length}`, qos, onMessage);
  });
  const rate = await done;
  await client.close();
  return rate;
}

/** Bytes of one client that is connected and has subscribed to one filter, by `used`. */
async function memory(used: () => number): Promise<number> {
  const open = () =>
    connect(url).then(async (client) => {
      await client.subscribe("a/b", 1, ignore);
      return client;
    });
  const clients = [await open()];
  await settled();
  const before = used();
  while (clients.length <= CLIENTS) clients.push(await open());
  await settled();
  const bytes = (used() - before) / (clients.length - 1);
  await Promise.all(clients.map((client) => client.close()));
  return bytes;
}

function ignore(): void {}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (let count = 0; count < 3; count += 1) globalThis.gc?.();
}

function heapBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const PROGRAMS: Record<ClientScenario, () => Promise<number>> = {
  "publish QoS 0": () => publishing(0, 300_000),
  "publish QoS 1": () => publishing(1, 150_000),
  "receive QoS 0": () => receiving(0, 500_000),
  "receive QoS 1": () => receiving(1, 250_000),
  "memory of an idle client: heap": () => memory(heapBytes),
  "memory of an idle client: resident": () => memory(() => process.memoryUsage.rss()),
};

const result = await PROGRAMS[scenario]();
process.stdout.write(`${result}\n`, () => process.exit(0));
