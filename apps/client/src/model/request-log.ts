/** Requests sent and what came back (MQTT 5.0 section 4.10): the newest ones. */
import type { Client } from "@tidings/client";
import { describeError } from "./describe-error.js";
import { createRecord, type MessageRecord } from "./message-record.js";
import type { PublishRequest } from "./publish-fields.js";

const REQUESTS_MAX = 100;
const PAYLOAD_BYTES_MAX = 262_144;

export interface SentRequest {
  readonly key: number;
  readonly atMs: number;
  readonly topic: string;
  readonly payload: Uint8Array;
  outcome:
    | { readonly kind: "waiting" }
    | { readonly kind: "answered"; readonly tookMs: number; readonly response: MessageRecord }
    | { readonly kind: "failed"; readonly reason: string };
}

export class RequestLog {
  /** Newest first. */
  entries: readonly SentRequest[] = [];
  #keys = 0;

  constructor(
    private readonly now: () => number,
    private readonly onChange: () => void,
  ) {}

  /** Settles when it has been answered or has failed; never rejects. */
  async send(client: Pick<Client, "request">, request: PublishRequest, timeoutMs: number): Promise<SentRequest> {
    const { topic, payload, qos } = request;
    const { responseTopic: _, correlationData: __, ...properties } = request.properties;
    const atMs = this.now();
    const entry: SentRequest = { key: (this.#keys += 1), atMs, topic, payload, outcome: { kind: "waiting" } };
    this.entries = [entry, ...this.entries].slice(0, REQUESTS_MAX);
    this.onChange();
    try {
      const message = await client.request(topic, payload, { timeoutMs, qos, properties });
      const origin = { sequence: entry.key, atMs: this.now(), direction: "received", colour: -1 } as const;
      const response = createRecord(message, { ...origin, payloadBytesMax: PAYLOAD_BYTES_MAX });
      entry.outcome = { kind: "answered", tookMs: this.now() - atMs, response };
    } catch (error) {
      entry.outcome = { kind: "failed", reason: describeError(error) };
    }
    this.onChange();
    return entry;
  }

  clear(): void {
    this.entries = [];
    this.onChange();
  }
}
