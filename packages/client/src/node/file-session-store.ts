/** The session of a client in a file: what is queued and in flight survives the process. */
import { type ClientSessionStore, clientSessionStore } from "../core/client-session-store.js";
import { JournalSessionStore } from "../journal/journal-session-store.js";
import { FileJournal } from "./file-journal.js";

export interface FileSessionStoreOptions {
  /**
   * Whether what is written must be on the disk before anything is sent because of it: then it survives a power cut, and not
   * just the end of the process. Costs a write to the disk for each turn that publishes. Default true.
   */
  readonly sync?: boolean;
}

/** One file for one client at a time. Hand a new store to each new client. */
export function fileSessionStore(path: string, options: FileSessionStoreOptions = {}): ClientSessionStore {
  return clientSessionStore(new JournalSessionStore(new FileJournal(path, options.sync ?? true)));
}
