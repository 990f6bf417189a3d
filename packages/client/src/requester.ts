/** The asking side of request and response (MQTT 5.0 section 4.10). */
import type { QoS } from "@tidings/packet";
import type { Client } from "./client.js";
import type { ClientEnvironment } from "./client-environment.js";
import { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import type { PublishProperties } from "./core/outgoing-message.js";
import { Deferred } from "./deferred.js";
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

const REQUEST_TIMEOUT_MS_DEFAULT = 30_000;

export class Requester {
  private readonly waiting = new Map<string, Deferred<Message>>();
  private subscription: Promise<Subscription> | undefined;
  private responseTopic = "";
  private nextNumber = 1;

  constructor(
    private readonly client: Client,
    private readonly environment: ClientEnvironment,
  ) {}

  async request(topic: string, payload: Uint8Array | string, options: RequestOptions): Promise<Message> {
    const { qos = 1, timeoutMs = REQUEST_TIMEOUT_MS_DEFAULT, properties, signal } = options;
    const response = new Deferred<Message>();
    const number = this.nextNumber++;
    const correlationData = correlationDataOf(number, this.environment.random());
    const key = keyOf(correlationData);
    const give = (error: ClientError): void => response.reject(error);
    const onAbort = (): void =>
      give(new ClientError("TIDINGS_CLIENT_ABORTED", "The request was aborted.", { cause: signal?.reason }));
    const cancel = this.environment.after(timeoutMs, () => give(timedOut(topic, timeoutMs)), true);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted === true) onAbort();
    this.waiting.set(key, response);
    const publish = async (): Promise<void> => {
      await this.subscribed(qos);
      const all = { ...properties, responseTopic: this.responseTopic, correlationData };
      const { reasonCode } = await this.client.publish(topic, payload, { qos, properties: all, signal });
      if (reasonCode === NO_MATCHING_SUBSCRIBERS) give(nobodyThere(topic));
    };
    publish().catch(give);
    try {
      return await response.promise;
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
      this.waiting.delete(key);
    }
  }

  end(error: ClientError): void {
    for (const response of this.waiting.values()) response.reject(error);
  }

  private async subscribed(qos: QoS): Promise<void> {
    const server = await this.client.connected;
    if (server.protocolVersion !== 5) {
      const message = "Requests need MQTT 5.0, which this server does not speak.";
      throw new ClientError("TIDINGS_CLIENT_NOT_SUPPORTED", message);
    }
    if (this.subscription === undefined) {
      // What the server proposes is a part of the topic tree that is this client's own (section 4.10.1).
      const base = server.responseInformation ?? `tidings/response/${server.clientIdentifier}`;
      this.responseTopic = `${base.replace(/\/$/, "")}/${keyOf(correlationDataOf(0, this.environment.random()))}`;
      const handler = (message: Message): void => this.handleResponse(message);
      this.subscription = this.client.subscribe(this.responseTopic, { qos: qos === 0 ? 1 : qos, handler });
      this.subscription.catch(() => {
        this.subscription = undefined;
      });
    }
    await this.subscription;
  }

  private handleResponse(message: Message): void {
    message.ack();
    const { correlationData } = message.properties;
    if (correlationData !== undefined) this.waiting.get(keyOf(correlationData))?.resolve(message);
  }
}

const NO_MATCHING_SUBSCRIBERS = 0x10;

/** Four bytes that count, and four by chance. */
function correlationDataOf(number: number, random: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, number >>> 0);
  view.setUint32(4, Math.floor(random * 0x1_0000_0000));
  return bytes;
}

function keyOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function timedOut(topic: string, timeoutMs: number): ClientError {
  const message = `Nobody answered the request to ${topic} within ${timeoutMs} ms.`;
  return new ClientError("TIDINGS_CLIENT_REQUEST_TIMEOUT", message);
}

function nobodyThere(topic: string): ClientError {
  const message = `Nobody has subscribed to ${topic}: there will be no response.`;
  return new ClientError("TIDINGS_CLIENT_PUBLISH_REFUSED", message, { reasonCode: NO_MATCHING_SUBSCRIBERS });
}
