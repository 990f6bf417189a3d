/**
 * Retained messages of a server: collected over a connection of its own, so that the Subscriptions of the page stay as they
 * are, and deleted by publishing an empty retained message (MQTT 5.0 section 3.3.1.3).
 */
import type { Client, Message } from "@tidings/client";
import type { OpenClient } from "./connection.js";
import type { ConnectionProfile } from "./connection-profile.js";
import { describeError } from "./describe-error.js";
import { createRecord, type MessageRecord, sizeOfRecord } from "./message-record.js";

const RETAINED_MESSAGES_MAX = 10_000;
const RETAINED_BYTES_MAX = 16_777_216;
const PAYLOAD_BYTES_MAX = 65_536;
/** No server says that these were all; this much silence is taken for the end. */
const QUIET_MS = 600;

export class RetainedBrowser {
  state: "idle" | "collecting" | "done" | "failed" = "idle";
  error = "";
  /** By topic. */
  readonly found = new Map<string, MessageRecord>();
  /** Beyond the limits. */
  skipped = 0;
  #bytes = 0;
  #cancel: (() => void) | undefined;
  #sequence = 0;

  constructor(
    private readonly openClient: OpenClient,
    private readonly onChange: () => void,
  ) {}

  /** Resolves when the server has gone quiet. A browse that is under way ends first. */
  async browse(profile: ConnectionProfile, filter: string): Promise<void> {
    this.stop();
    this.found.clear();
    this.#bytes = 0;
    this.skipped = 0;
    this.error = "";
    this.#setState("collecting");
    try {
      await this.#collect(profile, filter);
      this.#setState("done");
    } catch (error) {
      this.error = describeError(error);
      this.#setState("failed");
    }
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Resolves when the server has acknowledged all; rejects with the first refusal, and keeps what was not deleted. */
  async delete(topics: readonly string[], publisher: Pick<Client, "publish">): Promise<void> {
    const deletions = topics.map(async (topic) => {
      await publisher.publish(topic, new Uint8Array(), { qos: 1, retain: true });
      const record = this.found.get(topic);
      if (record && this.found.delete(topic)) this.#bytes -= sizeOfRecord(record);
      this.onChange();
    });
    const failed = (await Promise.allSettled(deletions)).find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  #collect(profile: ConnectionProfile, filter: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let client: Client | undefined;
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#cancel = undefined;
        void client?.close();
        settle();
      };
      const waitForSilence = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => end(resolve), QUIET_MS);
      };
      this.#cancel = () => end(resolve);
      client = this.openClient(ownConnection(profile), {
        onConnect: () => {},
        onDisconnect: (error) => end(() => reject(error)),
        onMessage: () => {},
      });
      const handler = (message: Message): void => {
        if (!message.retain) return; // it was published just now
        this.#keep(message);
        waitForSilence();
      };
      client.subscribe(filter, { qos: 0, handler }).then(waitForSilence, (error) => end(() => reject(error)));
    });
  }

  #keep(message: Message): void {
    const origin = { sequence: (this.#sequence += 1), atMs: Date.now(), direction: "received", colour: -1 } as const;
    const record = createRecord(message, { ...origin, payloadBytesMax: PAYLOAD_BYTES_MAX });
    const bytes = sizeOfRecord(record);
    const isFull = this.found.size >= RETAINED_MESSAGES_MAX || this.#bytes + bytes > RETAINED_BYTES_MAX;
    if (isFull && !this.found.has(message.topic)) this.skipped += 1;
    else {
      this.#bytes += bytes;
      this.found.set(message.topic, record);
    }
    this.onChange();
  }

  #setState(state: RetainedBrowser["state"]): void {
    this.state = state;
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
