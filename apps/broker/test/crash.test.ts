/**
 * The broker is killed with SIGKILL at random moments while it works, and nothing that it acknowledged is lost: QoS 1
 * arrives at least once, QoS 2 exactly once, in the order of each topic, and subscriptions and retained messages are as
 * acknowledged. `TIDINGS_DEEP=1` kills it 50 times.
 */
import { afterAll, describe, expect, test, vi } from "vitest";
import { PersistentClient } from "./persistent-client.js";
import { endPrograms } from "./program.js";
import { type RunningBroker, runApp, startBroker } from "./start-broker.js";
import { temporaryDirectory } from "./temporary-directory.js";

const DEEP = process.env["TIDINGS_DEEP"] === "1";
const KILLS = DEEP ? 50 : 5;
/** How far publishers run ahead of the slowest subscriber: well within what the broker queues. */
const AHEAD_MAX = 300;
/** Without any progress for so long, what is missing does not come any more. */
const QUIET_MS_MAX = 4000;

vi.setConfig({ testTimeout: DEEP ? 600_000 : 120_000 });
afterAll(endPrograms);

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const between = (from: number, to: number) => from + Math.floor(Math.random() * (to - from));

/** What one subscriber has seen of one topic, in order. */
type Seen = Map<string, number[]>;

class Trial {
  readonly published = new Map<string, number>();
  readonly acknowledged = new Map<string, number>();
  readonly seen: Seen[] = [new Map(), new Map()];
  /** Filters of the subscriber that changes its mind, as acknowledged. */
  readonly filters = new Set<string>();
  readonly publishers: PersistentClient[] = [];
  readonly subscribers: PersistentClient[] = [];
  /** Subscribes and unsubscribes all the time. */
  readonly fickle: PersistentClient[] = [];
  private publishing = true;

  async open(port: number): Promise<void> {
    for (const [index, protocolVersion] of ([4, 5] as const).entries()) {
      const publisher = await PersistentClient.open({
        clientIdentifier: `publisher-${protocolVersion}`,
        protocolVersion,
        port,
        onAcknowledged: (topicName, number) => {
          this.acknowledged.set(topicName, Math.max(number, this.acknowledged.get(topicName) ?? 0));
        },
      });
      const subscriber = await PersistentClient.open({
        clientIdentifier: `subscriber-${protocolVersion}`,
        protocolVersion,
        port,
        onMessage: (message) => {
          const numbers = this.seen[index].get(message.topic) ?? [];
          if (numbers.length === 0) this.seen[index].set(message.topic, numbers);
          numbers.push(Number(message.text()));
        },
      });
      this.publishers.push(publisher);
      this.subscribers.push(subscriber);
    }
    this.fickle.push(await PersistentClient.open({ clientIdentifier: "fickle", protocolVersion: 5, port }));
  }

  async subscribe(): Promise<void> {
    await Promise.all(
      this.subscribers.flatMap((client) => [client.subscribe("qos1/#", 2), client.subscribe("qos2/#", 2)]),
    );
  }

  /** Until `stop`. */
  async publish(): Promise<void> {
    while (this.publishing) {
      for (const [index, client] of this.publishers.entries()) {
        if (this.ahead() > AHEAD_MAX) break;
        for (let topic = 0; topic < 3; topic++) {
          client.publish(`qos1/${index}/${topic}`, this.next(`qos1/${index}/${topic}`), 1);
          client.publish(`qos2/${index}/${topic}`, this.next(`qos2/${index}/${topic}`), 2);
        }
        client.publish(`retained/${index}`, this.next(`retained/${index}`), 1, true);
      }
      await pause(1);
    }
  }

  async changeMind(): Promise<void> {
    const [fickle] = this.fickle;
    for (let number = 0; this.publishing; number++) {
      await fickle.subscribe(`fickle/${number}`, 1);
      this.filters.add(`fickle/${number}`);
      if (number % 3 === 2) {
        await fickle.unsubscribe(`fickle/${number - 1}`);
        this.filters.delete(`fickle/${number - 1}`);
      }
      await pause(5);
    }
  }

  /** A subscriber is away now and then, so that messages wait for it. */
  async comeAndGo(): Promise<void> {
    while (this.publishing) {
      await pause(between(50, 300));
      this.subscribers[0].goAway();
      await pause(between(50, 300));
      this.subscribers[0].comeBack();
    }
    this.subscribers[0].comeBack();
  }

  stop(): void {
    this.publishing = false;
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  private get clients(): PersistentClient[] {
    return [...this.publishers, ...this.subscribers, ...this.fickle];
  }

  /** Waits until everything is acknowledged and has arrived, or until nothing comes any more. */
  async settle(): Promise<void> {
    let quietSinceMs = performance.now();
    for (let before = ""; performance.now() - quietSinceMs < QUIET_MS_MAX; ) {
      const open = this.publishers.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0);
      const now = `${open} ${this.ahead()}`;
      if (now === "0 0") break;
      if (now !== before) quietSinceMs = performance.now();
      before = now;
      await pause(50);
    }
    // Time for what should not come.
    await pause(200);
  }

  /** What went wrong, in words. */
  problems(): string[] {
    const problems: string[] = [];
    for (const { sessionsLost, failures } of this.clients) {
      if (sessionsLost > 0) problems.push(`a session was lost ${sessionsLost} times`);
      if (failures.length > 0) problems.push(`${failures.length} publishes failed, first ${failures[0]}`);
    }
    for (const [topicName, last] of this.published) {
      if (this.acknowledged.get(topicName) !== last) problems.push(`${topicName}: ${last} is not acknowledged`);
      if (topicName.startsWith("retained/")) continue;
      for (const [index, seen] of this.seen.entries()) {
        const numbers = seen.get(topicName) ?? [];
        const first = [...new Set(numbers)];
        const where = `subscriber ${index}, ${topicName}`;
        if (first.length < last) problems.push(`${where}: ${last - first.length} of ${last} did not arrive`);
        if (first.some((number, place) => place > 0 && number < first[place - 1]))
          problems.push(`${where}: out of order`);
        if (topicName.startsWith("qos2/") && numbers.length > first.length) {
          problems.push(`${where}: ${numbers.length - first.length} arrived more than once`);
        }
      }
    }
    return problems;
  }

  private next(topicName: string): number {
    const number = (this.published.get(topicName) ?? 0) + 1;
    this.published.set(topicName, number);
    return number;
  }

  /** Messages that the slower subscriber has still to see. */
  private ahead(): number {
    let most = 0;
    for (const seen of this.seen) {
      let missing = 0;
      for (const [topicName, last] of this.published) {
        if (!topicName.startsWith("retained/")) missing += last - (seen.get(topicName)?.at(-1) ?? 0);
      }
      most = Math.max(most, missing);
    }
    return most;
  }
}

/** Kills a broker again and again while clients work with it. Answers with what was wrong then. */
async function runTrial(kills: number, durability: string): Promise<{ problems: string[]; messages: number }> {
  const directory = temporaryDirectory();
  const start = (port: number): Promise<RunningBroker> =>
    startBroker(["--port", `${port}`, "--no-ws", "--data", directory, "--durability", durability]);
  let broker = await start(0);
  const { port } = broker;
  const trial = new Trial();
  await trial.open(port);
  await trial.subscribe();
  const work = [trial.publish(), trial.changeMind(), trial.comeAndGo()];
  for (let kill = 0; kill < kills; kill++) {
    await pause(between(100, 800));
    broker.program.signal("SIGKILL");
    await broker.program.exit;
    broker = await start(port);
  }
  await pause(200);
  trial.stop();
  await Promise.all(work);
  await trial.settle();
  const problems = trial.problems();
  await trial.end();
  await broker.stop();
  problems.push(...(await storedProblems(directory, trial)));
  const messages = [...trial.published.values()].reduce((sum, last) => sum + last, 0);
  return { problems, messages };
}

/** What the store holds at the end that it should not, or does not hold. */
async function storedProblems(directory: string, trial: Trial): Promise<string[]> {
  const dump = runApp(["store", "dump", "--data", directory]);
  await dump.succeeds();
  const entries = dump.lines.entries.map((line) => JSON.parse(line));
  const problems: string[] = [];
  const filters = entries.filter(
    ({ type, clientIdentifier }) => type === "subscription" && clientIdentifier === "fickle",
  );
  const expected = [...trial.filters].sort().join(" ");
  const found = filters
    .map(({ topicFilter }) => topicFilter)
    .sort()
    .join(" ");
  if (found !== expected) problems.push(`subscriptions are ${found}, not ${expected}`);
  for (const [topicName, number] of trial.acknowledged) {
    if (!topicName.startsWith("retained/")) continue;
    const retained = entries.find((entry) => entry.type === "retained" && entry.topicName === topicName);
    const payload = Buffer.from(retained?.payload ?? "", "base64").toString();
    if (payload !== `${number}`) problems.push(`the retained message of ${topicName} is ${payload}, not ${number}`);
  }
  const left = entries.filter(({ type }) => type === "delivery" || type === "inbound" || type === "problem");
  if (left.length > 0) problems.push(`${left.length} deliveries and identifiers are left over`);
  return problems;
}

describe("killed again and again", () => {
  test(`a broker that was killed ${KILLS} times has lost nothing that it acknowledged`, async () => {
    const { problems, messages } = await runTrial(KILLS, "fsync");
    expect(problems).toEqual([]);
    expect(messages).toBeGreaterThan(KILLS * 10);
  });

  test("one that promises nothing is found out", async () => {
    expect((await runTrial(2, "none")).problems).not.toEqual([]);
  });
});
