/** Everything the page has seen of one connection, bounded: messages, topics, plots and counters. */
import { DecayingRate } from "./decaying-rate.js";
import { MessageList } from "./message-list.js";
import { createRecord, type MessageRecord, type ObservedMessage } from "./message-record.js";
import { MessageRing, type MessageRingLimits } from "./message-ring.js";
import { Plots } from "./plots.js";
import { TopicTree, type TopicTreeLimits } from "./topic-tree.js";

interface ObservatoryLimits {
  readonly messages: MessageRingLimits;
  readonly topics: TopicTreeLimits;
  /** Of each payload, as much is kept. */
  readonly payloadBytesMax: number;
}

const OBSERVATORY_LIMITS_DEFAULT: ObservatoryLimits = {
  messages: { messagesMax: 50_000, bytesMax: 67_108_864 },
  topics: { nodesMax: 20_000, bytesMax: 33_554_432 },
  payloadBytesMax: 1_048_576,
};

export class Observatory {
  readonly ring: MessageRing;
  readonly list: MessageList;
  readonly tree: TopicTree;
  readonly plots = new Plots();
  readonly receiveRate = new DecayingRate();
  received = 0;
  sent = 0;
  receivedBytes = 0;
  /** Of the newest record. */
  sequence = 0;

  constructor(readonly limits: ObservatoryLimits = OBSERVATORY_LIMITS_DEFAULT) {
    this.ring = new MessageRing(limits.messages);
    this.list = new MessageList(this.ring);
    this.tree = new TopicTree(limits.topics);
  }

  receive(message: ObservedMessage, atMs: number, colour: number): MessageRecord {
    const record = this.#keep(message, atMs, "received", colour);
    this.received += 1;
    this.receivedBytes += message.payload.length;
    this.receiveRate.add(atMs);
    this.tree.add(record);
    this.plots.record(record);
    return record;
  }

  send(message: ObservedMessage, atMs: number): MessageRecord {
    this.sent += 1;
    return this.#keep(message, atMs, "sent", -1);
  }

  clearMessages(): void {
    this.ring.clear();
    this.list.clear();
  }

  clearTopics(): void {
    this.tree.clear();
  }

  #keep(message: ObservedMessage, atMs: number, direction: MessageRecord["direction"], colour: number): MessageRecord {
    const { payloadBytesMax } = this.limits;
    const record = createRecord(message, { sequence: (this.sequence += 1), atMs, direction, colour, payloadBytesMax });
    this.ring.push(record);
    return record;
  }
}
