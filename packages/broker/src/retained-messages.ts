/**
 * The retained message of each topic (MQTT 5.0 section 3.3.1.3), bounded by count and bytes.
 */
import { NameTrie } from "@tidings/topic";
import type { ApplicationMessage } from "./application-message.js";
import type { BrokerLimits } from "./broker-options.js";
import type { DeadlineHeap, DeadlineItem } from "./deadline-heap.js";

/** A message as it is kept; `message` is always owned. */
export class RetainedMessage implements DeadlineItem {
  deadlineMs = 0;
  heapIndex = -1;
  /** False once another has taken its place, or none. */
  isCurrent = true;

  constructor(
    readonly message: ApplicationMessage,
    private readonly expired: (retained: RetainedMessage) => void,
  ) {}

  deadlinePassed(): void {
    this.expired(this);
  }
}

export class RetainedMessages {
  bytes = 0;
  private readonly trie: NameTrie<RetainedMessage>;
  private readonly expire = (retained: RetainedMessage): void => {
    this.clear(retained.message.topicName);
    this.onExpired(retained.message);
  };

  constructor(
    topicLevelsMax: number,
    private readonly limits: Pick<BrokerLimits, "retainedMessagesMax" | "retainedBytesMax">,
    private readonly deadlines: DeadlineHeap,
    private readonly onExpired: (message: ApplicationMessage) => void,
  ) {
    this.trie = new NameTrie({ maximumLevels: topicLevelsMax });
  }

  get size(): number {
    return this.trie.size;
  }

  /** Keeps the message in place of an earlier one. False: there is no room; nothing was changed. */
  set(message: ApplicationMessage): boolean {
    const earlier = this.trie.get(message.topicName);
    const bytes = this.bytes + message.sizeBytes - (earlier === undefined ? 0 : earlier.message.sizeBytes);
    const { retainedMessagesMax, retainedBytesMax } = this.limits;
    if (bytes > retainedBytesMax || (earlier === undefined && this.trie.size >= retainedMessagesMax)) return false;
    message.own();
    const retained = new RetainedMessage(message, this.expire);
    if (!this.trie.set(message.topicName, retained)) return false;
    if (earlier !== undefined) this.discard(earlier);
    this.bytes += message.sizeBytes;
    this.deadlines.set(retained, message.expiresAtMs);
    return true;
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

  private discard(retained: RetainedMessage): void {
    retained.isCurrent = false;
    this.bytes -= retained.message.sizeBytes;
    this.deadlines.remove(retained);
  }
}
