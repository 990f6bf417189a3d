/** The answering side of request and response (MQTT 5.0 section 4.10). */
import type { QoS } from "@tidings/packet";
import type { SubscribeOptions } from "./call-options.js";
import type { Client } from "./client.js";
import type { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import type { PublishProperties } from "./core/outgoing-message.js";
import type { Subscription } from "./subscription.js";
import { thrownError } from "./thrown-error.js";

/** What a responder answers with; undefined: no answer. */
export type Response =
  | Uint8Array
  | string
  | { readonly payload: Uint8Array | string; readonly properties?: Omit<PublishProperties, "correlationData"> }
  | undefined;

/** Makes the answer to a request. One that throws is reported, and the request stays without an answer. */
export type Responder = (request: Message) => Response | Promise<Response>;

export interface RespondOptions extends Omit<SubscribeOptions, "handler" | "detached"> {
  /** Of the response. Default: that of the request. */
  readonly responseQos?: QoS;
}

export function respondTo(
  client: Client,
  filter: string | readonly string[],
  responder: Responder,
  options: RespondOptions,
  report: (error: ClientError) => void,
): Promise<Subscription> {
  const { responseQos, ...subscribeOptions } = options;
  const answer = async (request: Message): Promise<void> => {
    const { responseTopic, correlationData } = request.properties;
    try {
      const response = await responder(request);
      if (response === undefined || responseTopic === undefined) return;
      const isPlain = typeof response === "string" || response instanceof Uint8Array;
      const payload = isPlain ? response : response.payload;
      const properties: PublishProperties = isPlain ? {} : { ...response.properties };
      if (correlationData !== undefined) properties.correlationData = correlationData;
      await client.publish(responseTopic, payload, { qos: responseQos ?? request.qos, properties });
    } catch (cause) {
      const what = `The request to ${request.topic} was not answered`;
      report(thrownError("TIDINGS_CLIENT_HANDLER_FAILED", what, cause));
    }
  };
  // Requests are answered side by side: a slow one does not hold up the others.
  return client.subscribe(filter, { qos: 1, ...subscribeOptions, handler: (request) => void answer(request) });
}
