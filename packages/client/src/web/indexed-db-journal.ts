/** A journal in an IndexedDB database: one row for each batch, in the order of its keys. */
import type { JournalMedium } from "../journal/journal-medium.js";

const STORE = "batches";

export class IndexedDbJournal implements JournalMedium {
  private database: IDBDatabase | undefined;

  constructor(
    private readonly name: string,
    private readonly factory: IDBFactory,
  ) {}

  async read(): Promise<Uint8Array[]> {
    const request = this.factory.open(this.name, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE, { autoIncrement: true });
    this.database = await resultOf(request);
    const rows = this.database.transaction(STORE, "readonly").objectStore(STORE).getAll();
    return resultOf(rows as IDBRequest<Uint8Array[]>);
  }

  append(batch: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.change((rows) => void rows.add(batch));
  }

  replace(batch: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.change((rows) => {
      rows.clear();
      rows.add(batch);
    });
  }

  async close(): Promise<void> {
    this.database?.close();
    this.database = undefined;
  }

  /** Everything in one transaction, which is on the disk when it is complete. */
  private change(work: (rows: IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.database === undefined) throw new Error(`the database ${this.name} is not open`);
      const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error ?? new Error(`the database ${this.name} failed`));
      transaction.onabort = transaction.onerror;
      work(transaction.objectStore(STORE));
    });
  }
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"));
  });
}
