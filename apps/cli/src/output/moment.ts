/** Now, with more digits than `Date` gives. */
import type { Moment } from "./strftime.js";

export function currentMoment(): Moment {
  const nowMs = performance.timeOrigin + performance.now();
  const seconds = Math.floor(nowMs / 1000);
  const nanoseconds = Math.min(999_999_999, Math.round((nowMs - seconds * 1000) * 1e6));
  return { date: new Date(seconds * 1000), nanoseconds };
}
