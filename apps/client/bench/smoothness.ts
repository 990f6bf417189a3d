/**
 * How smooth the page stays under a stream of messages: time between frames, long tasks of the main thread, memory, and the
 * number of elements, in headless Chromium before the real broker app. Fails when a promise of the README is broken.
 *
 *     npx -y pnpm@10 --filter @tidings/web-client bench [messages per second] [seconds]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CDPSession } from "playwright-core";
import { Bench, figure, type TestPage } from "../test/bench.js";

const [perSecond = 5_000, seconds = 10] = process.argv.slice(2).map(Number);
const TICK_MS = 10;
const TOPICS = 400;

const LONGEST_TASK_MS_MAX = 200;
const HEAP_BYTES_MAX = 300 * 1_048_576;
const ELEMENTS_MAX = 2_000;

interface Measured {
  readonly part: string;
  readonly received: number;
  readonly framesPerSecond: number;
  readonly frameP95Ms: number;
  readonly frameMaxMs: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
  readonly mainThreadBusyPercent: number;
  readonly heapMiB: number;
  readonly elements: number;
}

/** Runs in the page, as text, since the loader of this file rewrites functions. */
const START_WATCH = `
  {
    const frames = [], longTasks = [];
    const observer = new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((task) => task.duration)));
    observer.observe({ type: "longtask" });
    let isStopped = false;
    let last = performance.now();
    requestAnimationFrame(function tick(now) {
      frames.push(now - last);
      last = now;
      if (!isStopped) requestAnimationFrame(tick);
    });
    globalThis.stopWatch = () => {
      isStopped = true;
      observer.disconnect();
      return { frames, longTasks };
    };
  }
`;

/** Left on the page by `START_WATCH`: the time between frames, and every task of 50 ms and more, in milliseconds. */
declare function stopWatch(): { frames: number[]; longTasks: number[] };

const bench = await Bench.open(startBroker);
process.on("exit", () => bench.broker.kill());
const page = await bench.openConnected();
const devtools = await page.context().newCDPSession(page);
await devtools.send("Performance.enable");

await publish(TOPICS, TOPICS);
await page.getByRole("button", { name: "Open all topics" }).click();
await page.locator('[data-topic="line0/machine0"]').click();
await page.getByRole("button", { name: /^Plot temperature/ }).click();

const results = [
  await measure("messages, tree, plotted value", async () => {}),
  await measure("messages, searched", () => search("machine1 -machine12")),
  await measure("messages, paused", async () => {
    await search("");
    await page.getByRole("button", { name: "Pause" }).click();
  }),
  await measure("plots", () => page.getByRole("tab", { name: "Plots" }).click()),
];
console.table(Object.fromEntries(results.map(({ part, ...figures }) => [part, figures])));
await bench.close();

const wanted = perSecond * seconds;
const broken = results.flatMap((result) => [
  ...(result.received === wanted ? [] : [`${result.part}: ${result.received} of ${wanted} messages were received`]),
  ...(result.longestTaskMs < LONGEST_TASK_MS_MAX ? [] : [`${result.part}: a task took ${result.longestTaskMs} ms`]),
  ...(result.heapMiB * 1_048_576 < HEAP_BYTES_MAX ? [] : [`${result.part}: ${result.heapMiB} MiB of heap`]),
  ...(result.elements < ELEMENTS_MAX ? [] : [`${result.part}: ${result.elements} elements`]),
]);
for (const line of broken) console.error(line);
process.exitCode = broken.length > 0 ? 1 : 0;

/** The broker app from its sources, until it says where it listens. */
async function startBroker() {
  const main = fileURLToPath(new URL("../../broker/src/main.ts", import.meta.url));
  const args = [main, "--memory", "--port", "0", "--ws-port", "0"];
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@tidings/source", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stderr.pipe(process.stderr);
  const urls: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
    if (url !== undefined && msg.startsWith("listening on")) urls.push(url);
    if (urls.length === 2) break;
  }
  child.stdout.resume();
  const kill = (): boolean => child.kill();
  const stop = async (): Promise<void> => {
    const exit = once(child, "exit");
    kill();
    await exit;
  };
  const isWebSocket = (url: string): boolean => url.startsWith("ws:");
  return { url: urls.find((url) => !isWebSocket(url))!, webSocketUrl: urls.find(isWebSocket)!, stop, kill };
}

async function search(text: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Search messages" }).fill(text);
}

async function measure(part: string, prepare: () => Promise<unknown>): Promise<Measured> {
  await prepare();
  await page.waitForTimeout(500);
  const before = await figure(page, "received");
  await page.evaluate(START_WATCH);
  const busyBefore = (await metrics(devtools))["TaskDuration"];
  await publish(perSecond * seconds, perSecond);
  const busySeconds = (await metrics(devtools))["TaskDuration"] - busyBefore;
  const { frames, longTasks } = await page.evaluate(() => stopWatch());
  await settled(page);
  const received = (await figure(page, "received")) - before;
  await devtools.send("HeapProfiler.collectGarbage");
  const { JSHeapUsedSize } = await metrics(devtools);
  const sorted = frames.toSorted((a, b) => a - b);
  return {
    part,
    received,
    framesPerSecond: Math.round(frames.length / seconds),
    frameP95Ms: Math.round(sorted[Math.floor(sorted.length * 0.95)]),
    frameMaxMs: Math.round(sorted.at(-1) ?? 0),
    longTasks: longTasks.length,
    longestTaskMs: Math.round(Math.max(0, ...longTasks)),
    mainThreadBusyPercent: Math.round((busySeconds / seconds) * 100),
    heapMiB: Math.round(JSHeapUsedSize / 1_048_576),
    elements: await page.locator("*").count(),
  };
}

/** At the given rate, by the clock: a late tick sends what is due. */
function publish(count: number, rate: number): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(count, Math.ceil(((performance.now() - startedAt) / 1_000) * rate));
      for (; sent < due; sent += 1) {
        const payload = JSON.stringify({ temperature: 20 + (sent % 97) / 10, humidity: 40, sent, on: sent % 2 === 0 });
        void bench.peer.publish(`line${sent % 20}/machine${sent % TOPICS}`, payload);
      }
      if (sent < count) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}

/** The figure of the page stands still. */
async function settled(page: TestPage): Promise<void> {
  for (let last = -1, now = 0; last !== now; ) {
    last = now;
    await page.waitForTimeout(700);
    now = await figure(page, "received");
  }
}

async function metrics(devtools: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}
