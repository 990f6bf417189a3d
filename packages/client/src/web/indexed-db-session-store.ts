/** The session of a client in IndexedDB: what is queued and in flight survives a reload of the page. */
import { type ClientSessionStore, clientSessionStore } from "../core/client-session-store.js";
import { JournalSessionStore } from "../journal/journal-session-store.js";
import { IndexedDbJournal } from "./indexed-db-journal.js";

export interface IndexedDbSessionStoreOptions {
  /** Default: the global one. */
  readonly indexedDB?: IDBFactory;
}

/** One database for one client at a time: one tab. `name` is that of the database. */
export function indexedDbSessionStore(name: string, options: IndexedDbSessionStoreOptions = {}): ClientSessionStore {
  return clientSessionStore(new JournalSessionStore(new IndexedDbJournal(name, options.indexedDB ?? indexedDB)));
}
