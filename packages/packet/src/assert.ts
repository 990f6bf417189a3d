/**
 * Invariants of our own code. Neither input of a peer nor arguments of a caller are checked with this: a failure is
 * always a bug in Tidings.
 */

/** One of our own invariants does not hold. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "TIDINGS_ASSERTION";
}

/** Throws `AssertionError` (code `TIDINGS_ASSERTION`) unless the condition holds. */
export function assert(condition: unknown, message = "invariant violated"): asserts condition {
  if (!condition) throw new AssertionError(message);
}
