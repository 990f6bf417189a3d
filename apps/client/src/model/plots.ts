/** The lines on the plot page: each a numeric field of one topic, filled as messages come. */
import { payloadValue } from "./decode-payload.js";
import type { MessageRecord } from "./message-record.js";
import type { MessageRing } from "./message-ring.js";
import { type FieldPath, fieldName, readNumber } from "./numeric-fields.js";
import { Series } from "./series.js";

export interface Plot {
  readonly key: string;
  readonly topic: string;
  readonly path: FieldPath;
  readonly name: string;
  readonly series: Series;
  /** Values that were no number. */
  skipped: number;
}

export const PLOTS_MAX = 12;

export class Plots {
  readonly #byTopic = new Map<string, Plot[]>();
  #all: readonly Plot[] = [];

  get all(): readonly Plot[] {
    return this.#all;
  }

  has(topic: string, path: FieldPath): boolean {
    return this.#find(topic, path) !== undefined;
  }

  /** False: there are as many as allowed. */
  add(topic: string, path: FieldPath): boolean {
    if (this.has(topic, path)) return true;
    if (this.#all.length >= PLOTS_MAX) return false;
    const key = JSON.stringify([topic, ...path]);
    const plot: Plot = { key, topic, path, name: fieldName(path), series: new Series(), skipped: 0 };
    this.#byTopic.set(topic, [...(this.#byTopic.get(topic) ?? []), plot]);
    this.#all = [...this.#all, plot];
    return true;
  }

  /** Begins a new plot with what the ring still has. */
  fill(topic: string, path: FieldPath, ring: MessageRing): void {
    const plot = this.#find(topic, path);
    if (plot === undefined) return;
    for (let index = 0; index < ring.length; index += 1) {
      const record = ring.at(index)!;
      if (record.topic === topic && record.direction === "received") addPoint(plot, payloadValue(record), record.atMs);
    }
  }

  remove(topic: string, path: FieldPath): void {
    const plot = this.#find(topic, path);
    if (plot === undefined) return;
    const rest = (this.#byTopic.get(topic) ?? []).filter((other) => other !== plot);
    if (rest.length > 0) this.#byTopic.set(topic, rest);
    else this.#byTopic.delete(topic);
    this.#all = this.#all.filter((other) => other !== plot);
  }

  /** Decodes only what somebody plots. */
  record(record: MessageRecord): void {
    const plots = this.#byTopic.get(record.topic);
    if (plots === undefined) return;
    const value = payloadValue(record);
    for (const plot of plots) addPoint(plot, value, record.atMs);
  }

  #find(topic: string, path: FieldPath): Plot | undefined {
    const key = JSON.stringify([topic, ...path]);
    return this.#byTopic.get(topic)?.find((plot) => plot.key === key);
  }
}

function addPoint(plot: Plot, value: unknown, atMs: number): void {
  const number = readNumber(value, plot.path);
  if (number === undefined || !Number.isFinite(number)) plot.skipped += 1;
  else plot.series.add(atMs, number);
}
