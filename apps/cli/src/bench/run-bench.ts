/**
 * Load on a server: connections, publishers, subscribers, round trips. Times are taken with the monotonic clock of this
 * process and travel in the first eight bytes of each payload, so that messages of others do not disturb.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Client, Message } from "@tidings/client";
import { build, type Histogram } from "hdr-histogram-js";
import { isClientError } from "../connection/client-failure.js";
import { connectionUrl } from "../connection/connection-settings.js";
import { openClient } from "../connection/open-client.js";
import { type BenchReport, latencyReport } from "./bench-report.js";
import type { BenchRequest } from "./bench-request.js";

/** Room for the time stamp. */
const PAYLOAD_BYTES_MIN = 8;

/** Connections that are opened at once, without a rate. */
const OPENING_MAX = 64;

/** Longest wait for messages that are still on their way when the publishers have finished. */
const DRAIN_MS = 2_000;
const DRAIN_STEP_MS = 20;

/** A minute in microseconds: longer latencies count as that. */
const LATENCY_MICROSECONDS_MAX = 60_000_000;

/** Publishers without a rate make way for the rest of the process after so many messages. */
const BURST_MESSAGES = 64;

export type BenchPhase = "connecting" | "running";

/** `done` of `total` connections, or of the seconds or messages of the run. */
export type BenchProgress = (phase: BenchPhase, done: number, total: number, note: string) => void;

/** Throws what the first connection failed with; later failures are counted. */
export async function runBench(
  request: BenchRequest,
  progress: BenchProgress,
  stop: AbortSignal,
): Promise<BenchReport> {
  return new Bench(request, progress, stop).run();
}

class Bench {
  private readonly clients: Client[] = [];
  private readonly connectTimes = latencyHistogram();
  private readonly latencies = latencyHistogram();
  private failedConnections = 0;
  /** Who waits for the answer of the connection with this number. */
  private readonly answers = new Map<number, () => void>();
  private published = 0;
  private received = 0;
  private failed = 0;

  constructor(
    private readonly request: BenchRequest,
    private readonly progress: BenchProgress,
    private readonly stop: AbortSignal,
  ) {}

  async run(): Promise<BenchReport> {
    const { kind, count, publishers } = this.request;
    try {
      const start = performance.now();
      await this.openClients(kind === "sub" ? count + publishers : count);
      if (kind === "conn") return this.report(performance.now() - start);
      const subscribers = kind === "sub" ? this.clients.slice(0, count) : kind === "rtt" ? this.clients : [];
      const senders = kind === "sub" ? this.clients.slice(count) : this.clients;
      await Promise.all(subscribers.map((client, index) => this.subscribe(client, index)));
      const began = performance.now();
      await this.load(senders, began);
      const seconds = performance.now() - began;
      const expected = this.expected(subscribers.length);
      if (expected !== undefined) await this.drain(expected);
      return this.report(seconds, expected);
    } finally {
      await Promise.all(this.clients.map((client) => client.close({ timeoutMs: 1_000 })));
    }
  }

  private async openClients(total: number): Promise<void> {
    const { connectionRate } = this.request;
    const began = performance.now();
    let next = 0;
    const open = async (): Promise<void> => {
      while (next < total && !this.stop.aborted) {
        const index = next++;
        if (connectionRate > 0) await this.pauseUntil(began + (index * 1000) / connectionRate);
        await this.openOne(index);
        this.progress("connecting", this.clients.length, total, `${this.failedConnections} failed`);
      }
    };
    await this.openFirst(() => next++, total);
    await Promise.all(Array.from({ length: Math.min(total, OPENING_MAX) }, open));
  }

  /** If not even one connection can be made there is nothing to measure, and the reason is worth more than a count. */
  private async openFirst(take: () => number, total: number): Promise<void> {
    await this.openOne(take(), true);
    this.progress("connecting", this.clients.length, total, "");
  }

  private async openOne(index: number, mustSucceed = false): Promise<void> {
    const { connection } = this.request;
    const start = performance.now();
    const clientIdentifier = connection.clientIdentifier && `${connection.clientIdentifier}-${index}`;
    try {
      const client = await openClient({ ...connection, clientIdentifier, reconnects: false });
      record(this.connectTimes, performance.now() - start);
      this.clients.push(client);
    } catch (error) {
      if (mustSucceed || !isClientError(error)) throw error;
      this.failedConnections += 1;
    }
  }

  private async subscribe(client: Client, index: number): Promise<void> {
    const { kind, qos } = this.request;
    const handler = (message: Message): void => {
      this.received += 1;
      this.answers.get(index)?.();
      const { payload } = message;
      if (payload.length < PAYLOAD_BYTES_MIN) return;
      const sentMs = new DataView(payload.buffer, payload.byteOffset).getFloat64(0);
      const latencyMs = performance.now() - sentMs;
      // Messages of another process carry another clock.
      if (latencyMs >= 0 && latencyMs < LATENCY_MICROSECONDS_MAX / 1000) record(this.latencies, latencyMs);
    };
    const topic = kind === "rtt" ? this.topicOf(index) : this.request.topic.replaceAll("%i", "+");
    await client.subscribe(topic, { qos, handler });
  }

  private topicOf(index: number): string {
    return this.request.topic.replaceAll("%i", String(index));
  }

  private async load(senders: readonly Client[], began: number): Promise<void> {
    const { durationSeconds, messagesPerConnection } = this.request;
    const endMs = messagesPerConnection === undefined ? began + durationSeconds * 1000 : Number.POSITIVE_INFINITY;
    const total = messagesPerConnection === undefined ? durationSeconds : messagesPerConnection * senders.length;
    const ticker = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      const done = messagesPerConnection === undefined ? Math.min(seconds, durationSeconds) : this.published;
      const rate = Math.round((this.received || this.published) / seconds).toLocaleString("en-US");
      this.progress("running", done, total, `${rate} messages/s`);
    }, 200);
    try {
      if (senders.length === 0) await this.pauseUntil(endMs);
      else await Promise.all(senders.map((client, index) => this.send(client, index, endMs)));
    } finally {
      clearInterval(ticker);
    }
  }

  private async send(client: Client, index: number, endMs: number): Promise<void> {
    const {
      rate,
      messagesPerConnection = Number.POSITIVE_INFINITY,
      inFlightMax,
      qos,
      kind,
      payloadBytes,
    } = this.request;
    const topic = this.topicOf(index);
    const underWay = new Set<Promise<unknown>>();
    const began = performance.now();
    for (let number = 0; number < messagesPerConnection; number++) {
      if (this.stop.aborted || client.status === "closed") break;
      if (rate > 0) await this.pauseUntil(began + (number * 1000) / rate);
      const sentMs = performance.now();
      if (sentMs >= endMs) break;
      const payload = new Uint8Array(payloadBytes);
      new DataView(payload.buffer).setFloat64(0, sentMs);
      const answer = kind === "rtt" ? this.answer(index) : undefined;
      const publishing: Promise<unknown> = client.publish(topic, payload, { qos }).then(
        () => {
          this.published += 1;
          if (kind === "pub" && qos > 0) record(this.latencies, performance.now() - sentMs);
        },
        () => {
          this.failed += 1;
        },
      );
      underWay.add(publishing);
      publishing.then(() => underWay.delete(publishing));
      if (answer !== undefined) await Promise.all([answer, publishing]);
      else if (underWay.size >= inFlightMax) await Promise.race(underWay);
      else if (number % BURST_MESSAGES === 0) await new Promise(setImmediate);
    }
    await Promise.all(underWay);
  }

  /** A round trip at a time from each connection: the next one starts when this one is over, or lost. */
  private answer(index: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, DRAIN_MS);
      this.answers.set(index, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Undefined: publishers outside of this process, of which nothing is known. */
  private expected(subscribers: number): number | undefined {
    const { kind, publishers } = this.request;
    if (kind === "rtt") return this.published;
    if (kind === "sub" && publishers > 0) return this.published * subscribers;
    return undefined;
  }

  private async drain(expected: number): Promise<void> {
    let before = -1;
    let idleMs = 0;
    while (this.received < expected && idleMs < DRAIN_MS && !this.stop.aborted) {
      idleMs = this.received === before ? idleMs + DRAIN_STEP_MS : 0;
      before = this.received;
      await delay(DRAIN_STEP_MS);
    }
  }

  private async pauseUntil(timeMs: number): Promise<void> {
    const restMs = timeMs - performance.now();
    if (restMs > 1) await delay(restMs, undefined, { signal: this.stop }).catch(() => {});
  }

  private report(elapsedMs: number, expected?: number): BenchReport {
    const { kind, connection, payloadBytes, qos } = this.request;
    const seconds = elapsedMs / 1000;
    return {
      kind,
      url: connectionUrl(connection),
      connections: this.clients.length,
      failedConnections: this.failedConnections,
      seconds,
      published: this.published,
      publishedPerSecond: this.published / seconds,
      received: this.received,
      receivedPerSecond: this.received / seconds,
      failed: this.failed,
      ...(expected !== undefined && { lost: Math.max(0, expected - this.received) }),
      payloadBytes,
      qos,
      connectMs: latencyReport(this.connectTimes),
      latencyMs: latencyReport(this.latencies),
      latencyOf: { conn: undefined, pub: "acknowledged", sub: "delivered", rtt: "round trip" }[kind],
    };
  }
}

function latencyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LATENCY_MICROSECONDS_MAX,
    numberOfSignificantValueDigits: 3,
  });
}

function record(histogram: Histogram, ms: number): void {
  histogram.recordValue(Math.min(LATENCY_MICROSECONDS_MAX, Math.max(1, Math.round(ms * 1000))));
}
