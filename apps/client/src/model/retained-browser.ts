/**
 * Retained messages of a server, by a filter: read over a connection of its own, so that the Subscriptions of the page stay
 * as they are, and deleted by publishing an empty retained message (MQTT 5.0 section 3.3.1.3).
 *
 * No server says which message was the last, so none is taken for it: the connection stays until it is closed. In 5.0 it
 * asks for Retain As Published, so that what is retained, replaced or deleted meanwhile shows as well; older versions do
 * not tell such messages from others.
 */
import type { Client, Message } from "@tidings/client";
import type { OpenClient } from "./connection.js";
import type { ConnectionProfile } from "./connection-profile.js";
import { describeError } from "./describe-error.js";
import { createRecord, type MessageRecord, sizeOfRecord } from "./message-record.js";

export interface RetainedLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Of each payload, as much is kept. */
  readonly payloadBytesMax: number;
}

const RETAINED_LIMITS_DEFAULT: RetainedLimits = {
  messagesMax: 10_000,
  bytesMax: 16_777_216,
  payloadBytesMax: 65_536,
};

export type RetainedState =
  | { readonly kind: "idle" }
  | { readonly kind: "opening" }
  /** `isFollowing`: later changes show as well. */
  | { readonly kind: "open"; readonly isFollowing: boolean }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly reason: string };

export class RetainedBrowser {
  state: RetainedState = { kind: "idle" };
  /** By topic. */
  readonly found = new Map<string, MessageRecord>();
  /** Messages for which there was no place. */
  skipped = 0;
  /** Changes with `found`. */
  version = 0;
  #bytes = 0;
  #sequence = 0;
  #client: Client | undefined;

  constructor(
    private readonly openClient: OpenClient,
    private readonly onChange: () => void,
    readonly limits: RetainedLimits = RETAINED_LIMITS_DEFAULT,
  ) {}

  /** Forgets what an earlier one has found. Resolves when the server has granted or refused the filter; never rejects. */
  async open(profile: ConnectionProfile, filter: string): Promise<void> {
    this.clear();
    this.#setState({ kind: "opening" });
    let client: Client | undefined;
    const fail = (error: unknown): void => {
      if (this.#client === client) this.#end({ kind: "failed", reason: describeError(error) });
    };
    try {
      client = this.openClient(ownConnection(profile), {
        onConnect: () => {},
        onDisconnect: fail,
        onMessage: () => {},
      });
      this.#client = client;
      const handler = (message: Message): void => {
        if (message.retain && this.#client === client) this.#keep(message);
      };
      await client.subscribe(filter, { qos: 0, retainAsPublished: true, handler });
      if (this.#client === client) this.#setState({ kind: "open", isFollowing: client.server?.protocolVersion === 5 });
    } catch (error) {
      fail(error);
    }
  }

  /** What was found stays. */
  close(): void {
    if (this.#client !== undefined) this.#end({ kind: "closed" });
  }

  clear(): void {
    this.close();
    this.found.clear();
    this.skipped = 0;
    this.#bytes = 0;
    this.#setState({ kind: "idle" });
  }

  /** Resolves when the server has acknowledged all; rejects with the first refusal, and keeps what was not deleted. */
  async delete(topics: readonly string[], publisher: Pick<Client, "publish">): Promise<void> {
    const deletions = topics.map(async (topic) => {
      await publisher.publish(topic, new Uint8Array(), { qos: 1, retain: true });
      this.#remove(topic);
    });
    const failed = (await Promise.allSettled(deletions)).find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  #keep(message: Message): void {
    const { messagesMax, bytesMax, payloadBytesMax } = this.limits;
    this.#remove(message.topic);
    if (message.payload.length === 0) return; // it was deleted
    const origin = { sequence: (this.#sequence += 1), atMs: Date.now(), direction: "received", colour: -1 } as const;
    const record = createRecord(message, { ...origin, payloadBytesMax });
    const bytes = sizeOfRecord(record);
    if (this.found.size >= messagesMax || this.#bytes + bytes > bytesMax) this.skipped += 1;
    else {
      this.#bytes += bytes;
      this.found.set(message.topic, record);
    }
    this.#handleChange();
  }

  #remove(topic: string): void {
    const record = this.found.get(topic);
    if (record === undefined) return;
    this.found.delete(topic);
    this.#bytes -= sizeOfRecord(record);
    this.#handleChange();
  }

  #end(state: RetainedState): void {
    const client = this.#client;
    this.#client = undefined;
    this.#setState(state);
    void client?.close();
  }

  #setState(state: RetainedState): void {
    this.state = state;
    this.#handleChange();
  }

  #handleChange(): void {
    this.version += 1;
    this.onChange();
  }
}

/** The same server and user, but nothing that would touch the session of the page. */
function ownConnection(profile: ConnectionProfile): ConnectionProfile {
  return {
    ...profile,
    clientIdentifier: "",
    cleanStart: true,
    storeSession: false,
    sessionExpiryInterval: undefined,
    reconnect: false,
    will: { ...profile.will, isEnabled: false },
    subscriptions: [],
  };
}
