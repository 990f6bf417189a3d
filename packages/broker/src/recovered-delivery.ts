/** Deliveries as a store kept them, made into those of a session again. */
import type { RecoveredDelivery } from "@tidings/session";
import { parseSharedFilter } from "@tidings/topic";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import { Delivery } from "./delivery.js";

export function deliveryFromStore(broker: Broker, stored: RecoveredDelivery, message: ApplicationMessage): Delivery {
  const { qos, retain, subscriptionIdentifiers, deliveryNumber, sharedFilter } = stored;
  const shared = sharedFilter === undefined ? undefined : parseSharedFilter(sharedFilter);
  const group = shared === undefined ? undefined : broker.table.groupFor(shared.shareName, shared.topicFilter);
  return new Delivery(message, qos, retain, subscriptionIdentifiers, deliveryNumber, group);
}
