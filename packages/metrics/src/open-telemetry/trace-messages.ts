/**
 * Follows messages with the User Property `traceparent`: a span for the broker's part, one for each receiver, and the
 * broker's span in place of the publisher's in what receivers get, so that theirs become its children.
 */
import { ROOT_CONTEXT, type Span, SpanKind, type TextMapGetter, type Tracer, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ApplicationMessage, BrokerHooks, IncomingPublish, PublishChange } from "@tidings/broker";

type UserProperties = NonNullable<NonNullable<ApplicationMessage["properties"]>["userProperties"]>;

const TRACEPARENT = "traceparent";
const propagator = new W3CTraceContextPropagator();
const getter: TextMapGetter<UserProperties> = {
  keys: (properties) => properties.map(([name]) => name),
  get: (properties, name) => properties.find(([key]) => key === name)?.[1],
};

export function traceMessages(tracer: Tracer, deliverySpansMax: number): BrokerHooks {
  /** Of messages on their way through the broker, by `traceparent` as their receivers get it. */
  const underWay = new Map<string, { readonly span: Span; deliveries: number }>();

  const end = (key: string): void => {
    const traced = underWay.get(key);
    if (traced === undefined) return;
    underWay.delete(key);
    traced.span.setAttribute("messaging.tidings.receivers", traced.deliveries);
    traced.span.end();
  };

  return {
    onPublish({ client, message }: IncomingPublish): PublishChange | undefined {
      const { properties } = message;
      const userProperties = properties?.userProperties;
      if (userProperties === undefined || !userProperties.some(([name]) => name === TRACEPARENT)) return undefined;
      const parent = propagator.extract(ROOT_CONTEXT, userProperties, getter);
      const span = tracer.startSpan(
        `process ${message.topicName}`,
        {
          kind: SpanKind.CONSUMER,
          attributes: {
            "messaging.system": "mqtt",
            "messaging.operation.type": "process",
            "messaging.destination.name": message.topicName,
            "messaging.message.body.size": message.payloadBytes,
            "messaging.client.id": client?.clientIdentifier ?? "",
            "messaging.mqtt.qos": message.qos,
          },
        },
        parent,
      );
      if (!span.isRecording()) return undefined; // its publisher does not sample it
      const carrier: Record<string, string> = {};
      propagator.inject(trace.setSpan(parent, span), carrier, { set: (to, name, value) => void (to[name] = value) });
      const key = carrier[TRACEPARENT];
      underWay.set(key, { span, deliveries: 0 });
      // Routing follows within this turn.
      queueMicrotask(() => end(key));
      const rest = userProperties.filter(([name]) => name !== TRACEPARENT);
      return { properties: { ...properties, userProperties: [...rest, [TRACEPARENT, key]] } };
    },

    onDelivery(clientIdentifier, message) {
      if (underWay.size === 0) return undefined;
      const key = message.properties?.userProperties?.find(([name]) => name === TRACEPARENT)?.[1];
      const traced = key === undefined ? undefined : underWay.get(key);
      if (traced === undefined) return undefined;
      traced.deliveries += 1;
      if (traced.deliveries > deliverySpansMax) return undefined;
      const context = trace.setSpan(ROOT_CONTEXT, traced.span);
      const attributes = {
        "messaging.system": "mqtt",
        "messaging.operation.type": "send",
        "messaging.destination.name": message.topicName,
        "messaging.client.id": clientIdentifier,
      };
      tracer.startSpan(`send ${message.topicName}`, { kind: SpanKind.PRODUCER, attributes }, context).end();
      return undefined;
    },
  };
}
