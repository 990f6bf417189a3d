/** The asking side of request and response (MQTT 5.0 section 4.10). */
import type { QoS } from "@tidings/packet";
import { abortError } from "./abort-error.js";
import type { Client } from "./client.js";
import type { ClientEnvironment } from "./client-environment.js";
import { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import type { PublishProperties } from "./core/outgoing-message.js";
import { Deferred } from "./deferred.js";
import { encodeText } from "./encode-text.js";
import type { Subscription } from "./subscription.js";

export interface RequestOptions {
  /** Of the request, and the most that the response may have. Default 1. */
  readonly qos?: QoS;
  /** How long to wait for the response. Milliseconds, default 30,000. */
  readonly timeoutMs?: number;
  /** More properties of the request; the Response Topic and the Correlation Data are made here. */
  readonly properties?: Omit<PublishProperties, "responseTopic" | "correlationData">;
  readonly signal?: AbortSignal;
}

/** Of what `keyOf` answers with. */
const KEY_LENGTH_MAX = 32;
const REQUEST_TIMEOUT_MS_DEFAULT = 30_000;

export class Requester {
  readonly #waiting = new Map<string, Deferred<Message>>();
  #subscription: Promise<Subscription> | undefined;
  #responseTopic = "";
  #nextNumber = 1;

  readonly #client: Client;
  readonly #environment: ClientEnvironment;

  constructor(client: Client, environment: ClientEnvironment) {
    this.#client = client;
    this.#environment = environment;
  }

  async request(topic: string, payload: Uint8Array | string, options: RequestOptions): Promise<Message> {
    const { qos = 1, timeoutMs = REQUEST_TIMEOUT_MS_DEFAULT, properties, signal } = options;
    const response = new Deferred<Message>();
    const number = this.#nextNumber++;
    const key = keyOf(number, this.#environment.random());
    const correlationData = encodeText(key);
    const give = (error: ClientError): void => response.reject(error);
    const onAbort = (): void => give(abortError(signal));
    const timer = this.#environment.after(timeoutMs, () => give(timedOut(topic, timeoutMs)), undefined, true);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted === true) onAbort();
    this.#waiting.set(key, response);
    const publish = async (): Promise<void> => {
      await this.#subscribed(qos);
      const all = { ...properties, responseTopic: this.#responseTopic, correlationData };
      const { reasonCode } = await this.#client.publish(topic, payload, { qos, properties: all, signal });
      if (reasonCode === NO_MATCHING_SUBSCRIBERS) give(nobodyThere(topic));
    };
    publish().catch(give);
    try {
      return await response.promise;
    } finally {
      this.#environment.cancel(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiting.delete(key);
    }
  }

  end(error: ClientError): void {
    for (const response of this.#waiting.values()) response.reject(error);
  }

  async #subscribed(qos: QoS): Promise<void> {
    const server = await this.#client.connected;
    if (server.protocolVersion !== 5) {
      const message = "Requests need MQTT 5.0.";
      throw new ClientError("TIDINGS_CLIENT_NOT_SUPPORTED", message);
    }
    if (this.#subscription === undefined) {
      // What the server proposes is a part of the topic tree that is this client's own (section 4.10.1).
      const base = server.responseInformation ?? `tidings/response/${server.clientIdentifier}`;
      this.#responseTopic = `${base.replace(/\/$/, "")}/${keyOf(0, this.#environment.random())}`;
      const handler = (message: Message): void => this.#handleResponse(message);
      this.#subscription = this.#client.subscribe(this.#responseTopic, { qos: qos === 0 ? 1 : qos, handler });
      this.#subscription.catch(() => {
        this.#subscription = undefined;
      });
    }
    await this.#subscription;
  }

  #handleResponse(message: Message): void {
    message.ack();
    const { correlationData } = message.properties;
    if (correlationData === undefined || correlationData.length > KEY_LENGTH_MAX) return;
    this.#waiting.get(String.fromCharCode(...correlationData))?.resolve(message);
  }
}

const NO_MATCHING_SUBSCRIBERS = 0x10;

/** A count, and letters by chance. */
function keyOf(number: number, random: number): string {
  return number.toString(36) + random.toString(36).slice(1, 9);
}

function timedOut(topic: string, timeoutMs: number): ClientError {
  const message = `Nobody answered the request to ${topic} within ${timeoutMs} ms.`;
  return new ClientError("TIDINGS_CLIENT_REQUEST_TIMEOUT", message);
}

function nobodyThere(topic: string): ClientError {
  const message = `Nobody has subscribed to ${topic}.`;
  return new ClientError("TIDINGS_CLIENT_PUBLISH_REFUSED", message, { reasonCode: NO_MATCHING_SUBSCRIBERS });
}
