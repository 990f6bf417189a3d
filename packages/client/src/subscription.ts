/**
 * The reader's end of a subscription: an async iterable, or a handler. Messages wait here until they are taken; with QoS 1
 * and 2 their acknowledgement waits as well, so that the server's Receive Maximum slows it to the reader's pace.
 */
import type { QoS } from "@tidings/packet";
import type { UnsubscribeOptions } from "./call-options.js";
import { ClientError } from "./core/client-error.js";
import type { Message } from "./core/message.js";
import { thrownError } from "./thrown-error.js";

/** Called with each message; the next one waits for a promise that it returns. */
export type MessageHandler = (message: Message) => void | Promise<void>;

export interface SubscriptionLimits {
  readonly bufferedMessagesMax: number;
  readonly bufferedBytesMax: number;
  readonly whenFull: "drop" | "pause";
}

/** Unless `subscribe` says otherwise. */
export const SUBSCRIPTION_DEFAULTS: SubscriptionLimits = {
  bufferedMessagesMax: 10_000,
  bufferedBytesMax: 16 * 1024 * 1024,
  whenFull: "drop",
};

/** The owner's side of a subscription. */
export interface SubscriptionOwner {
  unsubscribeFrom(subscription: Subscription, options?: UnsubscribeOptions): Promise<void>;
  /** A handler failed. */
  report(error: ClientError): void;
  /** Counted: stops reading from the server, and goes on. */
  pauseReading(): void;
  resumeReading(): void;
}

interface Waiting {
  resolve(result: IteratorResult<Message, undefined>): void;
  reject(error: ClientError): void;
}

/** `ImplementationSpecificError`: what a message is answered with whose handler threw. */
const HANDLER_FAILED = 0x83;
/** From here on a waiting message lets go of the chunk that it came in. */
const SHORT_QUEUE = 64;
/** Never written to. */
const NO_MESSAGES: (Message | undefined)[] = [];
const NO_QOS: readonly QoS[] = [];
const DONE: IteratorResult<Message, undefined> = Object.freeze({ done: true, value: undefined });

/** One `subscribe`: its messages, and its end. */
export class Subscription implements AsyncIterable<Message>, AsyncDisposable {
  /** As they were asked for. */
  readonly filters: readonly string[];
  /** QoS 0 messages that found no room. */
  dropped = 0;
  /** @internal */
  readonly subscriptionIdentifier: number | undefined;
  readonly #owner: SubscriptionOwner;
  readonly #handler: MessageHandler | undefined;
  readonly #limits: SubscriptionLimits;
  /** For each filter, as the server said. */
  #grantedQoS: readonly QoS[] = NO_QOS;
  #granted: Map<string, QoS> | undefined;
  #queue: (Message | undefined)[] = NO_MESSAGES;
  #head = 0;
  #queuedBytes = 0;
  #waiting: Waiting[] | undefined;
  #isBusy = false;
  #isPaused = false;
  #isEnded = false;
  #error: ClientError | undefined;

  /** @internal */
  constructor(
    filters: readonly string[],
    subscriptionIdentifier: number | undefined,
    handler: MessageHandler | undefined,
    limits: SubscriptionLimits,
    owner: SubscriptionOwner,
  ) {
    this.filters = filters;
    this.subscriptionIdentifier = subscriptionIdentifier;
    this.#handler = handler;
    this.#limits = limits;
    this.#owner = owner;
  }

  /** What the server has granted for each filter. */
  get granted(): Map<string, QoS> {
    this.#granted ??= new Map(this.#grantedQoS.map((qos, index) => [this.filters[index], qos]));
    return this.#granted;
  }

  /** @internal SUBACK came, with one for each filter. */
  grant(grantedQoS: readonly QoS[]): void {
    this.#grantedQoS = grantedQoS;
  }

  /** Messages that wait to be taken. */
  get bufferedMessages(): number {
    return this.#queue.length - this.#head;
  }

  /**
   * Yields the messages as they come. A loop that is left ends the subscription; one that runs when the client is closed
   * ends after the last message, or throws the reason when there was one.
   */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    if (this.#handler !== undefined) {
      throw new ClientError("TIDINGS_CLIENT_INVALID_ARGUMENT", "A subscription with a handler cannot be iterated.");
    }
    return {
      next: () => this.#next(),
      return: async () => {
        await this.unsubscribe().catch(() => {});
        for (let message = this.#shift(); message !== undefined; message = this.#shift()) message.taken(0);
        return DONE;
      },
    };
  }

  /** Ends the subscription; what waits is still yielded. Rejects with the server's reason when it refuses. */
  unsubscribe(options?: UnsubscribeOptions): Promise<void> {
    return this.#owner.unsubscribeFrom(this, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unsubscribe().catch(() => {});
  }

  /** @internal */
  deliver(message: Message): void {
    if (this.#isEnded) {
      message.taken(0);
    } else if (this.#handler !== undefined && !this.#isBusy && this.bufferedMessages === 0) {
      this.#handle(message);
    } else if (this.#waiting !== undefined) {
      this.#hand(message, this.#waiting.shift() as Waiting);
      if (this.#waiting.length === 0) this.#waiting = undefined;
    } else {
      this.#keep(message);
    }
  }

  /** @internal Nothing comes any more. */
  end(error?: ClientError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#goOn();
    for (const { resolve, reject } of this.#waiting?.splice(0) ?? []) {
      if (error === undefined) resolve(DONE);
      else reject(error);
    }
  }

  #next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#shift();
    if (message !== undefined) {
      message.taken(0);
      return Promise.resolve({ done: false, value: message });
    }
    if (this.#isEnded) return this.#error === undefined ? Promise.resolve(DONE) : Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#waiting ??= [];
      this.#waiting.push({ resolve, reject });
    });
  }

  #hand(message: Message, { resolve }: Waiting): void {
    message.taken(0);
    resolve({ done: false, value: message });
  }

  #handle(message: Message): void {
    let result: void | Promise<void>;
    try {
      result = (this.#handler as MessageHandler)(message);
    } catch (cause) {
      this.#failed(message, cause);
      return;
    }
    if (result === undefined || typeof result.then !== "function") {
      message.taken(0);
      return;
    }
    this.#isBusy = true;
    result.then(
      () => this.#handled(message),
      (cause) => {
        this.#failed(message, cause);
        this.#handleNext();
      },
    );
  }

  #handled(message: Message): void {
    message.taken(0);
    this.#handleNext();
  }

  #handleNext(): void {
    this.#isBusy = false;
    while (!this.#isBusy) {
      const message = this.#shift();
      if (message === undefined) return;
      this.#handle(message);
    }
  }

  #failed(message: Message, cause: unknown): void {
    message.taken(HANDLER_FAILED);
    const what = `The handler failed on a message to ${message.topic}`;
    this.#owner.report(thrownError("TIDINGS_CLIENT_HANDLER_FAILED", what, cause));
  }

  #keep(message: Message): void {
    const { bufferedMessagesMax, bufferedBytesMax, whenFull } = this.#limits;
    const count = this.bufferedMessages;
    const isFull = count >= bufferedMessagesMax || this.#queuedBytes + message.payloadLength > bufferedBytesMax;
    if (isFull && whenFull === "drop" && message.qos === 0) {
      this.dropped += 1;
      message.taken(0);
      return;
    }
    if (count >= SHORT_QUEUE) void message.payload;
    if (this.#queue === NO_MESSAGES) this.#queue = [];
    this.#queue.push(message);
    this.#queuedBytes += message.payloadLength;
    if (isFull && whenFull === "pause" && !this.#isPaused) {
      this.#isPaused = true;
      this.#owner.pauseReading();
    }
  }

  #shift(): Message | undefined {
    if (this.#head === this.#queue.length) return undefined;
    const message = this.#queue[this.#head] as Message;
    this.#queue[this.#head++] = undefined;
    this.#queuedBytes -= message.payloadLength;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    if (this.#isPaused && this.bufferedMessages * 2 <= this.#limits.bufferedMessagesMax) this.#goOn();
    return message;
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#owner.resumeReading();
  }
}
