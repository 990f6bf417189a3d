/** Where a journal is kept. A batch is there as a whole or not at all, and batches are there in order. */
export interface JournalMedium {
  /** What is there, in order. Called once, before anything else. */
  read(): Promise<Uint8Array[]>;
  /** Resolves when the batch is there for good. Called one after the other. */
  append(batch: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Puts one batch in the place of all: resolves when that is so for good. Whenever it fails, the old ones are there. */
  replace(batch: Uint8Array<ArrayBuffer>): Promise<void>;
  close(): Promise<void>;
}
