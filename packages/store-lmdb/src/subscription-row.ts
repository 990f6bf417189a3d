/** The row of a subscription. Its key names the session. */
import type { QoS } from "@tidings/packet";
import type { StoredSubscription } from "@tidings/session";
import { decodeRow, encodeRow } from "./checked-row.js";

export function encodeSubscriptionRow(subscription: StoredSubscription): Uint8Array {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifier } = subscription;
  return encodeRow((writer) => {
    // The options byte of SUBSCRIBE (section 3.8.3.1).
    writer.uint8(qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4));
    writer.varint(subscriptionIdentifier);
    writer.text(topicFilter);
  });
}

export function decodeSubscriptionRow(row: Uint8Array): StoredSubscription {
  return decodeRow(row, (reader) => {
    const options = reader.uint8();
    const subscriptionIdentifier = reader.varint();
    return {
      topicFilter: reader.text(),
      qos: (options & 3) as QoS,
      noLocal: (options & 4) !== 0,
      retainAsPublished: (options & 8) !== 0,
      retainHandling: (options >> 4) as 0 | 1 | 2,
      subscriptionIdentifier,
    };
  });
}
