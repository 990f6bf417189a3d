/**
 * Messages for which there is no subscription here: of a session of before whose application has not subscribed yet, or of
 * a subscription that has just ended. They go to `onMessage` or to whoever iterates `messages`. Without either they are
 * held as long as a subscription may still come for them, and else acknowledged and let go.
 */
import type { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import { type MessageHandler, SUBSCRIPTION_DEFAULTS, Subscription, type SubscriptionOwner } from "./subscription.js";
import type { SubscriptionTable } from "./subscription-table.js";

export class UnclaimedMessages {
  /** The server had a session of an earlier life of the process, whose messages may come before `subscribe`. */
  isHolding = false;
  #reader: Subscription | undefined;
  #held: Message[] = [];
  #error: ClientError | undefined;
  #isOver = false;

  readonly #receiveMaximum: number;
  readonly #owner: SubscriptionOwner;

  constructor(receiveMaximum: number, handler: MessageHandler | undefined, owner: SubscriptionOwner) {
    this.#receiveMaximum = receiveMaximum;
    this.#owner = owner;
    if (handler !== undefined)
      this.#reader = new Subscription(["messages"], undefined, handler, SUBSCRIPTION_DEFAULTS, owner);
  }

  deliver(message: Message): void {
    if (this.#reader !== undefined) {
      message.pending = 1;
      this.#reader.deliver(message);
      return;
    }
    if (!this.isHolding) {
      this.#letGo(message);
      return;
    }
    void message.payload; // held for long: lets go of the chunk that it came in
    this.#held.push(message);
    // Half of Receive Maximum must stay free, or nothing would come any more.
    if (this.#held.length * 2 > this.#receiveMaximum) this.#letGo(this.#held.shift() as Message);
  }

  /** The one reader of all that is unclaimed. */
  claim(): AsyncIterable<Message> {
    if (this.#reader === undefined) {
      this.#reader = new Subscription(["messages"], undefined, undefined, SUBSCRIPTION_DEFAULTS, this.#owner);
      for (const message of this.#held.splice(0)) this.deliver(message);
      if (this.#isOver) this.#reader.end(this.#error);
    }
    return this.#reader;
  }

  /** A subscription has come: what belongs to it is its own. */
  handOver(subscription: Subscription, table: SubscriptionTable): void {
    if (this.#held.length === 0) return;
    const rest: Message[] = [];
    for (const message of this.#held) {
      if (table.find(message).includes(subscription)) {
        message.pending = 1;
        subscription.deliver(message);
      } else {
        rest.push(message);
      }
    }
    this.#held = rest;
  }

  end(error: ClientError | undefined): void {
    this.#isOver = true;
    this.#error = error;
    this.#held = [];
    this.#reader?.end(error);
  }

  #letGo(message: Message): void {
    message.isManual = false;
    message.taken(0);
  }
}
