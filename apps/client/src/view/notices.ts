/** Short messages in a corner, read out by screen readers: a few at a time, good ones go by themselves. */
import { signal } from "@preact/signals";

interface Notice {
  readonly key: number;
  readonly kind: "good" | "bad";
  readonly text: string;
}

const NOTICES_MAX = 4;
const GOOD_SHOWN_MS = 4_000;
const BAD_SHOWN_MS = 15_000;

export function createNotices() {
  const notices = signal<readonly Notice[]>([]);
  let keys = 0;
  const dismiss = (key: number): void => {
    notices.value = notices.value.filter((notice) => notice.key !== key);
  };
  const notify = (kind: Notice["kind"], text: string): void => {
    const key = (keys += 1);
    const others = notices.value.filter((notice) => notice.text !== text);
    notices.value = [...others, { key, kind, text }].slice(-NOTICES_MAX);
    setTimeout(dismiss, kind === "good" ? GOOD_SHOWN_MS : BAD_SHOWN_MS, key);
  };
  return { notices, notify, dismiss };
}
