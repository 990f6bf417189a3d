import { abortError } from "./abort-error.js";
import type { Deferred } from "./deferred.js";

/** The promise, which rejects as soon as the signal says so. */
export function withSignal<T>(
  deferred: Deferred<T>,
  signal: AbortSignal | undefined,
  onAbort?: () => void,
): Promise<T> {
  if (signal === undefined) return deferred.promise;
  const abort = (): void => {
    onAbort?.();
    deferred.reject(abortError(signal));
  };
  signal.addEventListener("abort", abort, { once: true });
  const done = (): void => signal.removeEventListener("abort", abort);
  deferred.promise.then(done, done);
  return deferred.promise;
}
