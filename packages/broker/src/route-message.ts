/**
 * From a message and its route to everyone who gets it (MQTT 5.0 section 3.3.4), and into the retained messages.
 */
import type { QoS } from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import type { Route, RouteTarget } from "./route.js";

/** False: nobody has a matching subscription. */
export function routeMessage(broker: Broker, message: ApplicationMessage, route: Route): boolean {
  if (message.retain) retain(broker, message);
  const { targets, groups } = route;
  broker.tracer?.matched(message, targets.length + groups.length);
  const { qos, publisherIdentifier } = message;
  for (let i = 0; i < targets.length; i++) {
    let target: RouteTarget = targets[i];
    if (target.noLocal && target.subscriber.clientIdentifier === publisherIdentifier) {
      if (target.unlessOwn === undefined) continue; // [MQTT-3.8.3-3]
      target = target.unlessOwn;
    }
    const granted = Math.min(target.qos, qos) as QoS;
    const retained = message.retain && target.retainAsPublished; // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
    target.subscriber.deliver(message, granted, retained, target.subscriptionIdentifiers, undefined);
  }
  for (let i = 0; i < groups.length; i++) {
    const member = groups[i].choose(route.barred?.get(groups[i]));
    if (member === undefined) continue;
    const granted = Math.min(member.qos, qos) as QoS; // [MQTT-4.8.2-3]
    const retained = message.retain && member.retainAsPublished;
    member.subscriber.deliver(message, granted, retained, member.subscriptionIdentifiers, groups[i]);
  }
  return targets.length > 0 || groups.length > 0;
}

/** An empty payload clears the topic's retained message and is not kept [MQTT-3.3.1-6] [MQTT-3.3.1-7]. */
function retain(broker: Broker, message: ApplicationMessage): void {
  const { retained, store } = broker;
  if (message.topicName.startsWith("$SYS/")) {
    // The broker's own, made anew by each start: not for the store, and not against its limits for long.
    if (message.payloadBytes === 0 || !retained.set(message)) retained.clear(message.topicName);
    return;
  }
  if (message.payloadBytes === 0) {
    retained.clear(message.topicName);
    store.clearRetained(message.topicName);
  } else if (broker.hasRoom && retained.set(message)) {
    store.setRetained(message.topicName, message);
  } else {
    // What it should have replaced is out of date, so nothing is better.
    retained.clear(message.topicName);
    store.clearRetained(message.topicName);
    broker.drop(message.publisherIdentifier, message, "retained-limit");
  }
}
