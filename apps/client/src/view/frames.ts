/**
 * When the page is drawn anew: with the browser's next frame after a change, whatever number of changes there were; lists
 * that are costly five times a second; and once a second, since rates fall by themselves.
 */
import { signal } from "@preact/signals";

const SLOW_INTERVAL_MS = 200;
const TICK_INTERVAL_MS = 1_000;

export function createFrames() {
  const frame = signal(0);
  const slowFrame = signal(0);
  let isRequested = false;
  let slowAt = Number.NEGATIVE_INFINITY;
  let isSlowPending = false;

  const draw = (now: number): void => {
    isRequested = false;
    isSlowPending = true;
    if (now - slowAt >= SLOW_INTERVAL_MS) drawSlow(now);
    else if (slowTimer === undefined) slowTimer = setTimeout(requestSlow, SLOW_INTERVAL_MS - (now - slowAt));
    frame.value += 1;
  };
  let slowTimer: ReturnType<typeof setTimeout> | undefined;
  const requestSlow = (): void => {
    slowTimer = undefined;
    if (isSlowPending) drawSlow(performance.now());
  };
  const drawSlow = (now: number): void => {
    isSlowPending = false;
    slowAt = now;
    slowFrame.value += 1;
  };
  const requestFrame = (): void => {
    if (isRequested) return;
    isRequested = true;
    requestAnimationFrame(draw);
  };
  /** For what somebody has just done: everything, at once. */
  const drawNow = (): void => {
    drawSlow(performance.now());
    frame.value += 1;
  };
  setInterval(requestFrame, TICK_INTERVAL_MS);
  return { frame, slowFrame, requestFrame, drawNow };
}
