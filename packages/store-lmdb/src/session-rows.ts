/** Rows of sessions, of what belongs to them and of how far they are: one for each that changed, however often. */
import type { StoredSession, StoredSubscription } from "@tidings/session";
import { encodeCursorRow } from "./cursor-row.js";
import type { KeyValueChange } from "./key-value-driver.js";
import { cursorKey, metaKey, sessionKey, subscriptionKey } from "./keys.js";
import { encodeMetaRow, MetaName } from "./meta-row.js";
import { encodeSessionRow } from "./session-row.js";
import { KeptSession, type StoreState } from "./store-state.js";
import { encodeSubscriptionRow } from "./subscription-row.js";

/** What a change costs beside the bytes of messages, about. */
const CHANGE_BYTES = 64;

export class SessionRows {
  /** Of the batch, about. */
  bytes = 0;
  /** Of subscriptions, and of whatever is gone. */
  private rows: KeyValueChange[] = [];
  private readonly changedSessions = new Set<KeptSession>();
  private readonly movedSessions = new Set<KeptSession>();
  private sessionNumberTaken = false;

  constructor(private readonly state: StoreState) {}

  put(session: StoredSession): void {
    const { clientIdentifier } = session;
    let kept = this.state.sessions.get(clientIdentifier);
    if (kept === undefined) {
      kept = new KeptSession(this.state.nextSessionNumber++, clientIdentifier);
      this.state.sessions.set(clientIdentifier, kept);
      this.sessionNumberTaken = true;
    }
    kept.changed = session;
    this.changedSessions.add(kept);
    this.bytes += CHANGE_BYTES + (session.will?.packet.length ?? 0);
  }

  /** With its subscriptions and its progress. */
  drop(session: KeptSession): void {
    const { clientIdentifier, number, filters } = session;
    this.state.sessions.delete(clientIdentifier);
    this.changedSessions.delete(session);
    this.movedSessions.delete(session);
    this.change(sessionKey(clientIdentifier), undefined);
    this.change(cursorKey(number), undefined);
    if (filters === undefined) return;
    for (const filter of filters) this.change(subscriptionKey(number, filter), undefined);
  }

  putSubscription(session: KeptSession, subscription: StoredSubscription): void {
    const { topicFilter } = subscription;
    session.filters ??= new Set();
    session.filters.add(topicFilter);
    this.change(subscriptionKey(session.number, topicFilter), encodeSubscriptionRow(subscription));
  }

  removeSubscription(session: KeptSession, topicFilter: string): void {
    if (session.filters === undefined || !session.filters.delete(topicFilter)) return;
    if (session.filters.size === 0) session.filters = undefined;
    this.change(subscriptionKey(session.number, topicFilter), undefined);
  }

  /** Its progress is to be written. */
  moved(session: KeptSession): void {
    if (session.moved) return;
    session.moved = true;
    this.movedSessions.add(session);
    this.bytes += CHANGE_BYTES;
  }

  /** Rows of subscriptions, and of whatever is gone: the first changes of a batch. */
  takeRows(): KeyValueChange[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }

  /** Ends the batch. `generation` is that of the commit queue. */
  write(changes: KeyValueChange[], generation: number): void {
    this.bytes = 0;
    for (const session of this.changedSessions) {
      const value = encodeSessionRow({ sessionNumber: session.number, session: session.changed as StoredSession });
      changes.push({ key: sessionKey(session.clientIdentifier), value });
      session.changed = undefined;
    }
    this.changedSessions.clear();
    for (const session of this.movedSessions) {
      const { deliveries, inbound, cursorChange } = session;
      session.moved = false;
      const value = encodeCursorRow({ next: deliveries.next, runs: deliveries.runs(), inbound: inbound ?? [] });
      if (cursorChange?.generation === generation) {
        cursorChange.value = value;
        continue;
      }
      session.cursorChange = { key: cursorKey(session.number), value, generation };
      changes.push(session.cursorChange);
    }
    this.movedSessions.clear();
    if (!this.sessionNumberTaken) return;
    this.sessionNumberTaken = false;
    const value = encodeMetaRow(this.state.nextSessionNumber);
    changes.push({ key: metaKey(MetaName.NextSessionNumber), value });
  }

  private change(key: Uint8Array, value: Uint8Array | undefined): void {
    this.rows.push({ key, value });
    this.bytes += CHANGE_BYTES + (value?.length ?? 0);
  }
}
