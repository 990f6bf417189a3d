/** What goes wrong with a store, for the one who starts it: what, where, what to do. */

export type StoreErrorCode =
  /** Another process works on the directory. */
  | "TIDINGS_STORE_LOCKED"
  /** A newer Tidings wrote it. */
  | "TIDINGS_STORE_FORMAT"
  /** Bytes are not what was written. */
  | "TIDINGS_STORE_DAMAGED"
  /** The directory cannot be used. */
  | "TIDINGS_STORE_DIRECTORY";

/** Test by `code`. */
export class StoreError extends Error {
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "StoreError";
  }
}

export function damaged(what: string): StoreError {
  return new StoreError("TIDINGS_STORE_DAMAGED", what);
}
