/** `--watch`: the last value of each topic, redrawn in place. */
import type { PayloadDecoding } from "../payload/decode-payload.js";
import { payloadText } from "../payload/decode-payload.js";
import type { Colors } from "./colors.js";
import { harmless } from "./message-writer.js";
import type { ReceivedMessage } from "./received-message.js";
import { strftime } from "./strftime.js";

/** Topics that are remembered; the one without news for longest makes way. About 1 KiB each. */
const WATCHED_TOPICS_MAX = 10_000;

/** Redraws follow each other no faster. */
const REDRAW_MS = 100;

const VALUE_CHARACTERS_MAX = 500;

interface Row {
  text: string;
  count: number;
  time: string;
  retain: boolean;
}

export interface WatchScreen {
  readonly rows: number;
  readonly columns: number;
  print(text: string): void;
}

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

export class WatchTable {
  /** By topic; the order is that of the last news. */
  private readonly rows = new Map<string, Row>();
  private total = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly screen: WatchScreen,
    private readonly colors: Colors,
    private readonly decoding: PayloadDecoding,
  ) {}

  open(): void {
    this.screen.print(ENTER);
    this.draw();
  }

  /** Leaves the last state on the normal screen. */
  close(): void {
    clearTimeout(this.timer);
    this.screen.print(`${LEAVE}${this.lines(Number.POSITIVE_INFINITY).join("\n")}\n`);
  }

  add({ topic, payload, retain, receivedAt }: ReceivedMessage): void {
    const text = harmless(payloadText(payload, this.decoding))
      .replace(/[\n\t]/g, " ")
      .slice(0, VALUE_CHARACTERS_MAX);
    const count = (this.rows.get(topic)?.count ?? 0) + 1;
    this.rows.delete(topic);
    this.rows.set(topic, { text, count, retain, time: strftime("%H:%M:%S", receivedAt.date) });
    this.total += 1;
    if (this.rows.size > WATCHED_TOPICS_MAX) this.rows.delete(this.rows.keys().next().value as string);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.draw();
    }, REDRAW_MS);
  }

  /** As they stand on the screen: by topic, as many as fit. */
  lines(rowsMax: number): string[] {
    const { colors } = this;
    const columns = Number.isFinite(this.screen.columns) ? this.screen.columns : 80;
    const topics = [...this.rows.keys()].sort();
    const topicWidth = Math.min(
      Math.max(10, ...topics.map((topic) => harmless(topic).length)),
      Math.floor(columns / 2),
    );
    const shown = topics.slice(0, Math.max(0, rowsMax - 2));
    const heading = `${this.total} messages, ${topics.length} topics`;
    const hidden = topics.length - shown.length;
    return [
      colors.bold(hidden > 0 ? `${heading} (${hidden} more than fit)` : heading),
      ...shown.map((topic) => {
        const { text, count, time, retain } = this.rows.get(topic) as Row;
        const start = `${cut(harmless(topic), topicWidth)} `;
        const middle = `${String(count).padStart(7)} ${time} `;
        const rest = Math.max(0, columns - start.length - middle.length - 1);
        return `${colors.cyan(start)}${colors.dim(middle)}${cut(`${retain ? "® " : ""}${text}`, rest).trimEnd()}`;
      }),
    ];
  }

  private draw(): void {
    const lines = this.lines(this.screen.rows);
    this.screen.print(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
  }
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text.padEnd(width);
}
