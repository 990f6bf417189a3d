/** SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 and 3.1.1 sections 3.8 and 3.10) in every version. */
import type { SubscriptionRequest } from "../control-packet.js";
import { accept, acceptForm, type ErrorVector, malformedRow, type PacketVector, protocolErrorRow } from "./vector.js";

function request(topicFilter: string, qos: 0 | 1 | 2, more: Partial<SubscriptionRequest> = {}): SubscriptionRequest {
  return { topicFilter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0, ...more };
}

export const subscribeVectors: PacketVector[] = [
  accept("SUBSCRIBE 3.1", 3, "82 08 0001 0003'a/b' 01", {
    type: 8,
    packetIdentifier: 1,
    subscriptions: [request("a/b", 1)],
  }),
  acceptForm("SUBSCRIBE 3.1 resent, with unused option bits", 3, "8a 08 0001 0003'a/b' fd", {
    type: 8,
    packetIdentifier: 1,
    subscriptions: [request("a/b", 1)],
  }),
  accept("SUBSCRIBE 3.1.1 with three filters", 4, "82 10 ffff 0001'#' 00 0001'+' 01 0003'a/b' 02", {
    type: 8,
    packetIdentifier: 65_535,
    subscriptions: [request("#", 0), request("+", 1), request("a/b", 2)],
  }),
  accept("[MQTT-2.2.2-1] SUBSCRIBE 5.0", 5, "82 09 0001 00 0003'a/b' 00", {
    type: 8,
    packetIdentifier: 1,
    subscriptions: [request("a/b", 0)],
  }),
  accept("SUBSCRIBE 5.0 with every option", 5, "82 14 0001 00 0001'a' 05 0001'b' 0a 0001'c' 10 0002'de' 2e", {
    type: 8,
    packetIdentifier: 1,
    subscriptions: [
      request("a", 1, { noLocal: true }),
      request("b", 2, { retainAsPublished: true }),
      request("c", 0, { retainHandling: 1 }),
      request("de", 2, { noLocal: true, retainAsPublished: true, retainHandling: 2 }),
    ],
  }),
  accept("SUBSCRIBE 5.0 to a Shared Subscription", 5, "82 11 0001 00 000b'$share/g/t/' 01", {
    type: 8,
    packetIdentifier: 1,
    subscriptions: [request("$share/g/t/", 1)],
  }),
  accept("SUBSCRIBE 5.0 with every property", 5, "82 11 0001 0a 0b 8001 26 0001'k' 0001'v' 0001'a' 01", {
    type: 8,
    packetIdentifier: 1,
    subscriptions: [request("a", 1)],
    properties: { subscriptionIdentifiers: [128], userProperties: [["k", "v"]] },
  }),
  accept("UNSUBSCRIBE 3.1", 3, "a2 07 0001 0003'a/b'", { type: 10, packetIdentifier: 1, topicFilters: ["a/b"] }),
  acceptForm("UNSUBSCRIBE 3.1 resent", 3, "aa 07 0001 0003'a/b'", {
    type: 10,
    packetIdentifier: 1,
    topicFilters: ["a/b"],
  }),
  accept("UNSUBSCRIBE 3.1.1 with two filters", 4, "a2 0a 0001 0003'a/b' 0001'#'", {
    type: 10,
    packetIdentifier: 1,
    topicFilters: ["a/b", "#"],
  }),
  accept("[MQTT-2.2.2-1] UNSUBSCRIBE 5.0", 5, "a2 08 0001 00 0003'a/b'", {
    type: 10,
    packetIdentifier: 1,
    topicFilters: ["a/b"],
  }),
  accept("UNSUBSCRIBE 5.0 with every property", 5, "a2 0d 0001 07 26 0001'k' 0001'v' 0001'a'", {
    type: 10,
    packetIdentifier: 1,
    topicFilters: ["a"],
    properties: { userProperties: [["k", "v"]] },
  }),
];

export const subscribeErrorVectors: ErrorVector[] = [
  malformedRow(
    "[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] [3.1.1 MQTT-3.8.1-1] SUBSCRIBE with flags 0000",
    4,
    "80 08 0001 0003'a/b' 01",
  ),
  malformedRow("[3.1.1 MQTT-3.8.1-1] SUBSCRIBE with DUP", 4, "8a 08 0001 0003'a/b' 01"),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.8.1-1] SUBSCRIBE with flags 0000", 5, "80 09 0001 00 0003'a/b' 01"),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.8.1-1] SUBSCRIBE with flags 0011", 5, "83 09 0001 00 0003'a/b' 01"),
  malformedRow("[3.1.1 MQTT-2.3.1-1] SUBSCRIBE with Packet Identifier 0", 4, "82 08 0000 0003'a/b' 01"),
  protocolErrorRow("[MQTT-2.2.1-3] SUBSCRIBE with Packet Identifier 0", 5, "82 09 0000 00 0003'a/b' 01"),
  malformedRow("SUBSCRIBE without a Packet Identifier", 4, "82 00"),
  malformedRow("[MQTT-2.2.2-1] SUBSCRIBE without a property length", 5, "82 02 0001"),
  protocolErrorRow("SUBSCRIBE 3.1 without Topic Filters", 3, "82 02 0001"),
  protocolErrorRow("[3.1.1 MQTT-3.8.3-3] SUBSCRIBE without Topic Filters", 4, "82 02 0001"),
  protocolErrorRow("[MQTT-3.8.3-2] SUBSCRIBE without Topic Filters", 5, "82 03 0001 00"),
  malformedRow("[3.1.1 MQTT-3.8.3-1] SUBSCRIBE with a filter that is not UTF-8", 4, "82 06 0001 0001 ff 01"),
  malformedRow("[MQTT-3.8.3-1] SUBSCRIBE with a filter that is not UTF-8", 5, "82 07 0001 00 0001 ff 01"),
  malformedRow("[3.1.1 MQTT-4.7.3-2] SUBSCRIBE with U+0000 in a filter", 4, "82 06 0001 0001 00 01"),
  malformedRow("[MQTT-4.7.3-2] SUBSCRIBE with U+0000 in a filter", 5, "82 07 0001 00 0001 00 01"),
  protocolErrorRow("[3.1.1 MQTT-4.7.3-1] SUBSCRIBE with an empty filter", 4, "82 05 0001 0000 01"),
  protocolErrorRow("[MQTT-4.7.3-1] SUBSCRIBE with an empty filter", 5, "82 06 0001 00 0000 01"),
  malformedRow("[3.1.1 MQTT-3.8.3-3] SUBSCRIBE with a filter but no QoS", 4, "82 05 0001 0001'a'"),
  malformedRow("[MQTT-3.8.3-2] SUBSCRIBE with a filter but no options", 5, "82 06 0001 00 0001'a'"),
  malformedRow("SUBSCRIBE 3.1 with QoS 3", 3, "82 06 0001 0001'a' 03"),
  malformedRow("[3.1.1 MQTT-3.8.3-4] SUBSCRIBE with QoS 3", 4, "82 06 0001 0001'a' 03"),
  malformedRow("[3.1.1 MQTT-3.8.3-4] SUBSCRIBE with a reserved bit", 4, "82 06 0001 0001'a' 04"),
  malformedRow("[3.1.1 MQTT-3.8.3-4] SUBSCRIBE with the highest reserved bit", 4, "82 06 0001 0001'a' 81"),
  protocolErrorRow("SUBSCRIBE 5.0 with QoS 3", 5, "82 07 0001 00 0001'a' 03"),
  protocolErrorRow("SUBSCRIBE 5.0 with every bit that is not reserved", 5, "82 07 0001 00 0001'a' 3f"),
  protocolErrorRow("SUBSCRIBE 5.0 with Retain Handling 3", 5, "82 07 0001 00 0001'a' 30"),
  malformedRow("[MQTT-3.8.3-5] SUBSCRIBE with reserved bit 6", 5, "82 07 0001 00 0001'a' 40"),
  malformedRow("[MQTT-3.8.3-5] SUBSCRIBE with reserved bit 7", 5, "82 07 0001 00 0001'a' 80"),
  protocolErrorRow(
    "[MQTT-3.8.3-4] SUBSCRIBE with No Local on a Shared Subscription",
    5,
    "82 10 0001 00 000a'$share/g/t' 05",
  ),
  protocolErrorRow("SUBSCRIBE with two Subscription Identifiers", 5, "82 0b 0001 04 0b01 0b02 0001'a' 01"),
  protocolErrorRow("SUBSCRIBE with Subscription Identifier 0", 5, "82 09 0001 02 0b00 0001'a' 01"),
  malformedRow(
    "[MQTT-1.5.5-1] SUBSCRIBE with a Subscription Identifier that is too long",
    5,
    "82 0a 0001 03 0b8100 0001'a' 01",
  ),
  malformedRow(
    "[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] [3.1.1 MQTT-3.10.1-1] UNSUBSCRIBE with flags 0000",
    4,
    "a0 07 0001 0003'a/b'",
  ),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.10.1-1] UNSUBSCRIBE with flags 0000", 5, "a0 08 0001 00 0003'a/b'"),
  malformedRow("[3.1.1 MQTT-2.3.1-1] UNSUBSCRIBE with Packet Identifier 0", 4, "a2 07 0000 0003'a/b'"),
  protocolErrorRow("[MQTT-2.2.1-3] UNSUBSCRIBE with Packet Identifier 0", 5, "a2 08 0000 00 0003'a/b'"),
  protocolErrorRow("[3.1.1 MQTT-3.10.3-2] UNSUBSCRIBE without Topic Filters", 4, "a2 02 0001"),
  protocolErrorRow("[MQTT-3.10.3-2] UNSUBSCRIBE without Topic Filters", 5, "a2 03 0001 00"),
  malformedRow("[MQTT-2.2.2-1] UNSUBSCRIBE without a property length", 5, "a2 02 0001"),
  malformedRow("[3.1.1 MQTT-3.10.3-1] UNSUBSCRIBE with a filter that is not UTF-8", 4, "a2 05 0001 0001 ff"),
  malformedRow("[MQTT-3.10.3-1] UNSUBSCRIBE with a filter that is not UTF-8", 5, "a2 06 0001 00 0001 ff"),
  protocolErrorRow("[3.1.1 MQTT-4.7.3-1] UNSUBSCRIBE with an empty filter", 4, "a2 04 0001 0000"),
  protocolErrorRow("[MQTT-4.7.3-1] UNSUBSCRIBE with an empty filter", 5, "a2 05 0001 00 0000"),
  malformedRow("UNSUBSCRIBE with a filter cut short", 4, "a2 06 0001 0003'a/'"),
];
