/** Numbers of a broker at one moment. */
import { type Static, Type } from "@sinclair/typebox";
import type { Broker } from "@tidings/broker";
import { PacketType } from "@tidings/packet";

const count = (description: string) => Type.Number({ description });

export const sampleSchema = Type.Object({
  at: Type.String({ format: "date-time" }),
  connections: count("Network Connections, those before CONNECT included."),
  clients: count("Connected clients."),
  sessions: count("Sessions, connected or not."),
  subscriptions: count("Subscriptions."),
  retainedMessages: count("Retained messages."),
  messagesReceived: count("PUBLISH packets since the start."),
  messagesSent: count("PUBLISH packets since the start."),
  bytesReceived: count("Bytes of packets since the start."),
  bytesSent: count("Bytes of packets since the start."),
  messagesDropped: count("Since the start, whatever the reason."),
  heapUsedBytes: count("Of the JavaScript heap."),
});

export type Sample = Static<typeof sampleSchema>;

export function takeSample(broker: Broker, nowMs: number): Sample {
  const { received, sent } = broker.counters;
  return {
    at: new Date(nowMs).toISOString(),
    connections: broker.connectionCount,
    clients: broker.clientCount,
    sessions: broker.sessionCount,
    subscriptions: broker.subscriptionCount,
    retainedMessages: broker.retainedMessageCount,
    messagesReceived: received.packets(PacketType.PUBLISH),
    messagesSent: sent.packets(PacketType.PUBLISH),
    bytesReceived: received.bytes(),
    bytesSent: sent.bytes(),
    messagesDropped: Object.values(broker.droppedMessages).reduce((total, dropped) => total + dropped, 0),
    heapUsedBytes: process.memoryUsage().heapUsed,
  };
}

export const statsSchema = Type.Composite([
  sampleSchema,
  Type.Object({
    version: Type.String({ description: "Of the program." }),
    uptimeSeconds: count("Since the admin API was started."),
    clientsConnectedMax: count("The most clients at a time."),
    sharedSubscriptions: count("Shared subscriptions."),
    retainedBytes: count("Bytes of retained messages."),
    queuedMessages: count("Waiting in sessions."),
    queuedBytes: count("Waiting in sessions; a message in several queues counts in each."),
    inFlightMessages: count("Sent and not acknowledged."),
    unsentBytes: count("Written and not taken by the network."),
    sessionsExpired: count("Sessions that ended by their expiry."),
    clientsRefused: count("Refused CONNECT packets."),
    storeBacklogBytes: count("Told to the store and not durable."),
    storeHasRoom: Type.Boolean({ description: "The store can keep more." }),
    droppedByReason: Type.Record(Type.String(), Type.Number()),
  }),
]);
