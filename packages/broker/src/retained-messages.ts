/**
 * The retained message of each topic (MQTT 5.0 section 3.3.1.3), bounded by count and bytes.
 */

import type { StoredMessage } from "@tidings/session";
import { NameTrie } from "@tidings/topic";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import type { BrokerLimits } from "./broker-options.js";
import type { DeadlineHeap, DeadlineItem } from "./deadline-heap.js";
import { MessageSlab } from "./message-slab.js";
import { ANY_LEVELS } from "./route-cache.js";

/** One retained message: as it came, or the bytes of an earlier life until somebody wants it. */
export class RetainedMessage implements DeadlineItem {
  deadlineMs = 0;
  heapIndex = -1;
  /** False once another has taken its place, or none. */
  isCurrent = true;

  constructor(
    private content: ApplicationMessage | MessageSlab,
    /** Where in the slab it is. */
    private readonly start: number,
    private readonly owner: RetainedMessages,
  ) {}

  get topicName(): string {
    const { content } = this;
    return content instanceof MessageSlab ? content.topicNameAt(this.start) : content.topicName;
  }

  get sizeBytes(): number {
    const { content } = this;
    return content instanceof MessageSlab ? content.sizeBytesAt(this.start) : content.sizeBytes;
  }

  /** Always owned. */
  get message(): ApplicationMessage {
    const { content } = this;
    if (!(content instanceof MessageSlab)) return content;
    const message = content.messageAt(this.start);
    message.own();
    this.content = message;
    return message;
  }

  deadlinePassed(): void {
    this.owner.expire(this);
  }
}

export class RetainedMessages {
  bytes = 0;
  private readonly trie: NameTrie<RetainedMessage>;
  /** Takes up what is recovered. */
  private slab: MessageSlab | undefined = undefined;

  constructor(
    private readonly limits: Pick<BrokerLimits, "retainedMessagesMax" | "retainedBytesMax">,
    private readonly deadlines: DeadlineHeap,
    private readonly onExpired: (topicName: string) => void,
  ) {
    this.trie = new NameTrie({ maximumLevels: ANY_LEVELS });
  }

  get size(): number {
    return this.trie.size;
  }

  /** Keeps the message in place of an earlier one. False: there is no room; nothing was changed. */
  set(message: ApplicationMessage): boolean {
    const earlier = this.trie.get(message.topicName);
    const bytes = this.bytes + message.sizeBytes - (earlier === undefined ? 0 : earlier.sizeBytes);
    const { retainedMessagesMax, retainedBytesMax } = this.limits;
    if (bytes > retainedBytesMax || (earlier === undefined && this.trie.size >= retainedMessagesMax)) return false;
    message.own();
    if (!this.keep(message.topicName, message.expiresAtMs, new RetainedMessage(message, 0, this))) return false;
    if (earlier !== undefined) this.discard(earlier);
    return true;
  }

  /** Takes up a message of an earlier life, whose topic has none yet. Limits that are lower now are for what is new. */
  restore(broker: Broker, stored: StoredMessage, messageNumber: number): void {
    this.slab = MessageSlab.for(broker, stored, this.slab);
    const retained = new RetainedMessage(this.slab, this.slab.add(stored, messageNumber), this);
    this.keep(stored.topicName, stored.expiresAtMs, retained);
  }

  /** @internal */
  expire(retained: RetainedMessage): void {
    const { topicName } = retained;
    this.clear(topicName);
    this.onExpired(topicName);
  }

  get(topicName: string): ApplicationMessage | undefined {
    return this.trie.get(topicName)?.message;
  }

  clear(topicName: string): void {
    const retained = this.trie.get(topicName);
    if (retained === undefined) return;
    this.trie.delete(topicName);
    this.discard(retained);
  }

  /** What matches the filter, in no particular order. */
  collect(topicFilter: string): RetainedMessage[] {
    return this.trie.collect(topicFilter, []);
  }

  private keep(topicName: string, expiresAtMs: number, retained: RetainedMessage): boolean {
    if (!this.trie.set(topicName, retained)) return false;
    this.bytes += retained.sizeBytes;
    this.deadlines.set(retained, expiresAtMs);
    return true;
  }

  private discard(retained: RetainedMessage): void {
    retained.isCurrent = false;
    this.bytes -= retained.sizeBytes;
    this.deadlines.remove(retained);
  }
}
