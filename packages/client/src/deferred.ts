/** A promise and its two ends. One that nobody waits for does no harm when it is rejected. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  private fail!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.fail = reject;
    });
  }

  reject(error: Error): void {
    this.promise.catch(nothing); // an unhandled rejection would end a process
    this.fail(error);
  }
}

/** A rejected promise that does no harm when nobody waits for it. */
export function rejected<T>(error: Error): Promise<T> {
  const promise = Promise.reject<T>(error);
  promise.catch(nothing);
  return promise;
}

/** The same promise, whose rejection does no harm when nobody waits for it. */
export function harmless<T>(promise: Promise<T>): Promise<T> {
  promise.catch(nothing);
  return promise;
}

function nothing(): void {}
