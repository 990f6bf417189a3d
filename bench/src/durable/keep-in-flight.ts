/** A closed loop in one process: so many messages under way, whatever takes them. */
const PUBLISH_AT_ONCE = 64;

/** Keeps so many under way for some seconds; `begin` starts some and answers at once, `turn` ends the turn. */
export async function keepInFlight(
  inFlight: number,
  seconds: number,
  begin: (count: number) => void,
  turn: () => void,
  acknowledged: () => number,
): Promise<number> {
  let begun = 0;
  const startMs = performance.now();
  const warmMs = startMs + 500;
  const endMs = warmMs + seconds * 1000;
  let measuredFrom = -1;
  let nowMs = startMs;
  for (; nowMs < endMs; nowMs = performance.now()) {
    if (measuredFrom < 0 && nowMs >= warmMs) measuredFrom = acknowledged();
    const count = Math.min(PUBLISH_AT_ONCE, inFlight - (begun - acknowledged()));
    if (count > 0) begin(count);
    begun += Math.max(0, count);
    turn();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Math.round((acknowledged() - measuredFrom) / ((nowMs - warmMs) / 1000));
}
