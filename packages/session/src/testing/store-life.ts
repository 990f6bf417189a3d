/**
 * A store from life to life, with the model of what it should hold. What a test tells goes to both. Sees to it that the
 * store calls back only when it may.
 */
import type { SessionStore, Ticket } from "../session-store.js";
import { isSame, recoverContent, type StoreContent } from "./store-content.js";
import { StoreModel } from "./store-model.js";
import type { TestMessage } from "./test-message.js";

/** How the suite gets at a store of some kind. */
export interface SessionStoreDriver<S extends SessionStore = SessionStore> {
  /** A new store without content, not yet recovered. */
  create(): Promise<S>;
  /** Closes the store; answers with a new life on the same data, not yet recovered. */
  reopen(store: S): Promise<S>;
  /** Ends the store as kill -9 would, without closing it: a new life on what is there. What was not durable may be lost. */
  kill?(store: S): Promise<S>;
  /** The same for a power cut: what the operating system had not handed to the disk is gone. */
  powerCut?(store: S): Promise<S>;
  /** The store has `readQueue`. */
  readsQueues?: boolean;
  /** Messages that the store keeps, once it has had the time to clean up. */
  messageCount?(store: S): number | Promise<number>;
  /** Closes the store, if it is open, and removes its data. Called at the end of each test. Default: closes it. */
  dispose?(store: S): Promise<void>;
}

const MUTATORS = [
  "putSession",
  "dropSession",
  "putSubscription",
  "removeSubscription",
  "enqueue",
  "sent",
  "released",
  "done",
  "addInbound",
  "removeInbound",
  "setRetained",
  "clearRetained",
] as const;

/** What a store is told, with messages that the model knows again. */
export type Telling = Pick<StoreModel, (typeof MUTATORS)[number]>;

export class StoreLife<S extends SessionStore = SessionStore> {
  /** Tells the store and the model. */
  readonly tell: Telling;
  model = new StoreModel();
  /** What the store did that it must not do. */
  readonly violations: string[] = [];
  /** `onDurable` calls of this life. */
  durableCalls: Ticket[] = [];
  private inside = false;
  private waiting: { ticket: Ticket; resolve: () => void }[] = [];
  /** What should be there when a batch is the last one that survived. */
  private sealed: { ticket: Ticket; model: StoreModel }[] = [];
  private readonly messages = new Set<TestMessage>();

  private constructor(
    private readonly driver: SessionStoreDriver<S>,
    public store: S,
    repeat: number,
  ) {
    const tell: Record<string, (...values: unknown[]) => void> = {};
    for (const name of MUTATORS) {
      tell[name] = (...values) => {
        const message = values.at(-1);
        if (typeof message === "object" && message !== null && "timesStored" in message) {
          this.messages.add(message as TestMessage);
        }
        for (let i = 0; i < repeat; i++)
          this.inStore(() => (this.store[name] as (...some: unknown[]) => void)(...values));
        (this.model[name] as (...some: unknown[]) => void)(...values);
      };
    }
    this.tell = tell as unknown as Telling;
  }

  /** A new store, ready to be told. `repeat` tells it everything that many times. */
  static async begin<S extends SessionStore>(driver: SessionStoreDriver<S>, repeat = 1): Promise<StoreLife<S>> {
    const life = new StoreLife(driver, await driver.create(), repeat);
    await life.enter();
    return life;
  }

  seal(): Ticket {
    let ticket = 0;
    this.inStore(() => {
      ticket = this.store.seal();
    });
    // A batch without content has the ticket of the one before.
    this.sealed = this.sealed.filter((one) => one.ticket !== ticket);
    this.sealed.push({ ticket, model: this.model.copy() });
    return ticket;
  }

  /** Ends the batch and waits until it is durable. */
  async durable(): Promise<Ticket> {
    const ticket = this.seal();
    if (this.store.durableUpTo < ticket) {
      await new Promise<void>((resolve) => this.waiting.push({ ticket, resolve }));
    }
    return ticket;
  }

  /** Ends this life in an orderly way; answers with what the next one recovers. */
  async reopen(): Promise<StoreContent> {
    this.store = await this.driver.reopen(this.store);
    return this.enter();
  }

  /**
   * Ends this life without warning; answers with what the next one recovers, and with all that it may recover: what was
   * told up to the end of some batch that was sealed, not before the durable mark. The model goes on from what is there.
   */
  async crash(how: "kill" | "powerCut"): Promise<{ content: StoreContent; allowed: StoreContent[] }> {
    const end = this.driver[how];
    if (end === undefined) throw new Error(`the driver has no ${how}`);
    const { durableUpTo } = this.store;
    this.store = await end.call(this.driver, this.store);
    const survived = this.sealed.filter(({ ticket }) => ticket >= durableUpTo);
    const allowed = survived.map(({ model }) => model.content());
    const models = survived.map(({ model }) => model);
    const content = await this.enter((found) => {
      const index = allowed.findIndex((one) => isSame(one, found));
      if (index >= 0) this.model = models[index].copy();
    });
    return { content, allowed };
  }

  /** Messages that the store keeps; undefined when the driver cannot tell. */
  async messageCount(): Promise<number | undefined> {
    return this.driver.messageCount?.(this.store);
  }

  async end(): Promise<void> {
    if (this.driver.dispose === undefined) await this.store.close();
    else await this.driver.dispose(this.store);
  }

  /** A life begins: the store is asked what it holds. */
  private async enter(found: (content: StoreContent) => void = () => {}): Promise<StoreContent> {
    const { store } = this;
    this.durableCalls = [];
    store.onDurable = (upTo) => this.onDurable(store, upTo);
    store.onFailure = (error) => void this.violations.push(`onFailure: ${error.message}`);
    for (const message of this.messages) message.messageNumber = 0;
    const numbers: (() => void)[] = [];
    const content = await recoverContent(store, {
      // A message is known by its new number from here on.
      delivery: (clientIdentifier, { deliveryNumber, messageNumber }) => {
        numbers.push(() => {
          const known = this.model.delivery(clientIdentifier, deliveryNumber);
          if (known !== undefined) known.message.messageNumber = messageNumber;
        });
      },
      retained: ({ topicName }, messageNumber) => {
        numbers.push(() => {
          const known = this.model.retainedMessage(topicName);
          if (known !== undefined) known.messageNumber = messageNumber;
        });
      },
    });
    found(content);
    for (const learn of numbers) learn();
    this.sealed = [{ ticket: store.durableUpTo, model: this.model.copy() }];
    return content;
  }

  private inStore(call: () => void): void {
    this.inside = true;
    try {
      call();
    } finally {
      this.inside = false;
    }
  }

  private onDurable(store: SessionStore, upTo: Ticket): void {
    if (store !== this.store) return;
    if (this.inside) this.violations.push("onDurable was called from inside a mutator or seal");
    if (upTo <= (this.durableCalls.at(-1) ?? 0))
      this.violations.push(`onDurable(${upTo}) was called after a later one`);
    if (store.durableUpTo < upTo) this.violations.push(`onDurable(${upTo}) while durableUpTo is ${store.durableUpTo}`);
    this.durableCalls.push(upTo);
    const served = this.waiting.filter(({ ticket }) => ticket <= upTo);
    this.waiting = this.waiting.filter(({ ticket }) => ticket > upTo);
    for (const { resolve } of served) resolve();
  }
}
