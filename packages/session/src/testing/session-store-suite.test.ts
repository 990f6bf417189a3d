/** The suite bites: stores that are broken on purpose fail it, each in the cases that are about what it breaks. */
import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { MemorySessionStore } from "../memory-session-store.js";
import type {
  QueuePageLimits,
  RecoveredDelivery,
  RecoveryVisitor,
  StorableMessage,
  StoredDelivery,
  StoredSession,
  StoredSubscription,
} from "../session-store.js";
import { DelayedSessionStore, type SessionStoreDriver, sessionStoreSuite } from "./index.js";
import { session } from "./test-records.js";

/** Runs those tests of the suite whose titles match; answers with the titles of the ones that failed. */
async function failuresOf(driver: SessionStoreDriver, only: RegExp): Promise<string[]> {
  const tests: { title: string; body: () => Promise<void> }[] = [];
  const groups: string[] = [];
  sessionStoreSuite(driver, {
    describe: (title, body) => {
      groups.push(title);
      body();
      groups.pop();
    },
    test: (title, body) => tests.push({ title: [...groups, title].join(" "), body }),
    expect,
    // The first failure will do; nobody reads it.
    fastCheck: {
      ...fastCheck,
      assert: (property, parameters) => fastCheck.assert(property, { ...parameters, endOnFailure: true }),
    },
  });
  const chosen = tests.filter(({ title }) => only.test(title));
  expect(chosen).not.toEqual([]);
  const failed: string[] = [];
  for (const { title, body } of chosen) {
    try {
      await body();
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

function memoryDriver(create: () => MemorySessionStore): SessionStoreDriver<MemorySessionStore> {
  return {
    create: async () => create(),
    reopen: async (store) => store,
    messageCount: (store) => store.messageCount,
  };
}

function delayedDriver(create: () => DelayedSessionStore): SessionStoreDriver<DelayedSessionStore> {
  return {
    create: async () => create(),
    reopen: async (store) => {
      await store.close();
      return store.killed();
    },
    kill: async (store) => store.killed(),
    readsQueues: true,
    messageCount: (store) => store.messageCount,
  };
}

type Visit = (delivery: RecoveredDelivery) => void;

/** A visitor that sees things differently. */
function seenThrough(visitor: RecoveryVisitor, changes: Partial<RecoveryVisitor>): RecoveryVisitor {
  return {
    session: (...values) => visitor.session(...values),
    subscription: (...values) => visitor.subscription(...values),
    delivery: (...values) => visitor.delivery(...values),
    inbound: (...values) => visitor.inbound(...values),
    retained: (...values) => visitor.retained(...values),
    ...changes,
  };
}

const brokenInMemory: Record<string, { store: () => MemorySessionStore; fails: RegExp }> = {
  "keeps what was done": {
    store: () =>
      new (class extends MemorySessionStore {
        override done(): void {}
      })(),
    fails: /what is done as done/,
  },
  "forgets that PUBREC came": {
    store: () =>
      new (class extends MemorySessionStore {
        override released(): void {}
      })(),
    fails: /queued, sent, released, done/,
  },
  "keeps messages whose deliveries are done": {
    store: () =>
      new (class extends MemorySessionStore {
        private leaked = 0;

        override enqueue(client: string, delivery: StoredDelivery, message: StorableMessage): void {
          super.putSession(session("leak"));
          super.enqueue("leak", { ...delivery, deliveryNumber: ++this.leaked }, message);
          super.enqueue(client, delivery, message);
        }

        override async recover(visitor: RecoveryVisitor): Promise<void> {
          await super.recover(
            seenThrough(visitor, {
              session: (stored, next) => stored.clientIdentifier !== "leak" && visitor.session(stored, next),
              delivery: (client, delivery) => client !== "leak" && visitor.delivery(client, delivery),
            }),
          );
        }
      })(),
    fails: /a message until its last delivery is done/,
  },
  "drops what belongs to a session that is put again": {
    store: () =>
      new (class extends MemorySessionStore {
        override putSession(stored: StoredSession): void {
          super.dropSession(stored.clientIdentifier);
          super.putSession(stored);
        }
      })(),
    fails: /what belongs to a session when the session is put again/,
  },
  "drops the queue with the last subscription": {
    store: () =>
      new (class extends MemorySessionStore {
        override removeSubscription(client: string, topicFilter: string): void {
          super.removeSubscription(client, topicFilter);
          for (let number = 1; number < 10; number++) this.done(client, number);
        }
      })(),
    fails: /what is queued when the last subscription goes/,
  },
  "takes each delivery for another message": {
    store: () =>
      new (class extends MemorySessionStore {
        override enqueue(client: string, delivery: StoredDelivery, message: StorableMessage): void {
          super.enqueue(client, delivery, { messageNumber: 0, stored: () => message.stored() });
        }
      })(),
    fails: /a message once/,
  },
  "recovers deliveries in another order": {
    store: () =>
      new (class extends MemorySessionStore {
        override async recover(visitor: RecoveryVisitor): Promise<void> {
          const later: (() => void)[] = [];
          await super.recover(
            seenThrough(visitor, { delivery: (...values) => later.unshift(() => visitor.delivery(...values)) }),
          );
          for (const visit of later) visit();
        }
      })(),
    fails: /in the order of their numbers/,
  },
  "begins numbering anew when all is done": {
    store: () =>
      new (class extends MemorySessionStore {
        override async recover(visitor: RecoveryVisitor): Promise<void> {
          const next = new Map<string, number>();
          await super.recover(
            seenThrough(visitor, {
              session: ({ clientIdentifier }) => void next.set(clientIdentifier, 1),
              subscription: () => {},
              inbound: () => {},
              retained: () => {},
              delivery: (client, { deliveryNumber }) => next.set(client, deliveryNumber + 1),
            }),
          );
          await super.recover(
            seenThrough(visitor, {
              session: (stored) => visitor.session(stored, next.get(stored.clientIdentifier) ?? 1),
            }),
          );
        }
      })(),
    fails: /next delivery number when everything is done/,
  },
  "keeps moments as JSON does": {
    store: () =>
      new (class extends MemorySessionStore {
        override async recover(visitor: RecoveryVisitor): Promise<void> {
          await super.recover(
            seenThrough(visitor, {
              retained: (message, number) =>
                visitor.retained({ ...message, expiresAtMs: JSON.parse(JSON.stringify(message.expiresAtMs)) }, number),
            }),
          );
        }
      })(),
    fails: /moments and intervals/,
  },
  "cuts large payloads": {
    store: () =>
      new (class extends MemorySessionStore {
        override enqueue(client: string, delivery: StoredDelivery, message: StorableMessage): void {
          super.enqueue(client, delivery, {
            get messageNumber() {
              return message.messageNumber;
            },
            set messageNumber(value) {
              message.messageNumber = value;
            },
            stored: () => {
              const content = message.stored();
              return { ...content, payload: content.payload.subarray(0, 65_535) };
            },
          });
        }
      })(),
    fails: /payloads and properties/,
  },
  "takes one long name for another": {
    store: () =>
      new (class extends MemorySessionStore {
        override putSubscription(client: string, subscription: StoredSubscription): void {
          super.putSubscription(client, { ...subscription, topicFilter: subscription.topicFilter.slice(0, 1978) });
        }
      })(),
    fails: /as long as the protocol allows/,
  },
  "counts what is told twice twice": {
    store: () =>
      new (class extends MemorySessionStore {
        private last = 0;
        override enqueue(client: string, delivery: StoredDelivery, message: StorableMessage): void {
          this.last += 1;
          super.enqueue(client, { ...delivery, deliveryNumber: this.last }, message);
        }
      })(),
    fails: /the same when everything is told twice/,
  },
  "forgets inbound identifiers with the last life": {
    store: () =>
      new (class extends MemorySessionStore {
        override addInbound(): void {}
      })(),
    fails: /inbound identifiers/,
  },
  "keeps cleared retained messages": {
    store: () =>
      new (class extends MemorySessionStore {
        override clearRetained(): void {}
      })(),
    fails: /the last retained message of each topic/,
  },
};

const brokenOverTime: Record<string, { store: () => DelayedSessionStore; fails: RegExp }> = {
  "says durable before it is": {
    store: () =>
      new (class extends DelayedSessionStore {
        override seal(): number {
          const ticket = super.seal();
          this.durableUpTo = ticket;
          return ticket;
        }
      })(),
    fails: /what was durable is there/,
  },
  "calls back from inside seal": {
    store: () =>
      new (class extends DelayedSessionStore {
        override seal(): number {
          const ticket = super.seal();
          this.makeDurable();
          return ticket;
        }
      })(),
    fails: /each told once and behind the turn/,
  },
  "forgets to name the batch that is being told": {
    store: () =>
      new (class extends DelayedSessionStore {
        override get currentTicket(): number {
          return this.durableUpTo;
        }
      })(true),
    fails: /name the batch/,
  },
  "tears batches": {
    store: () => new TearingStore(true),
    fails: /there up to the end of some batch/,
  },
  "loses the count of what waits": {
    store: () =>
      new (class extends DelayedSessionStore {
        override makeDurable(upTo?: number): void {
          super.makeDurable(upTo);
          this.backlogBytes = 1;
        }
      })(true),
    fails: /backlog of the bytes that wait/,
  },
  "reads again what is sent": {
    store: () =>
      new (class extends DelayedSessionStore {
        override sent(): void {}
      })(true),
    fails: /reads queues again from a number on/,
  },
  "reads pages as long as it likes": {
    store: () =>
      new (class extends DelayedSessionStore {
        override readQueue(client: string, from: number, limits: QueuePageLimits, visit: Visit): number {
          return super.readQueue(client, from, { ...limits, messages: 1000 }, visit);
        }
      })(true),
    fails: /reads queues again all of it/,
  },
  "goes on behind the page": {
    store: () =>
      new (class extends DelayedSessionStore {
        override readQueue(client: string, from: number, limits: QueuePageLimits, visit: Visit): number {
          return super.readQueue(client, from, limits, visit) + 1;
        }
      })(true),
    fails: /reads queues again all of it/,
  },
  "forgets at its end what was not sealed": {
    store: () =>
      new (class extends DelayedSessionStore {
        override async close(): Promise<void> {
          this.makeDurable();
        }
      })(true),
    fails: /need no seal before an orderly end/,
  },
};

/** Seals behind every other record. */
class TearingStore extends DelayedSessionStore {
  private enqueued = 0;

  override enqueue(client: string, delivery: StoredDelivery, message: StorableMessage): void {
    super.enqueue(client, delivery, message);
    this.enqueued += 1;
    if (this.enqueued % 2 === 1) {
      super.seal();
      this.makeDurable();
    }
  }
}

describe("a store fails the suite that", () => {
  test.each(Object.entries(brokenInMemory))("%s", async (_title, { store, fails }) => {
    expect(await failuresOf(memoryDriver(store), fails)).not.toEqual([]);
  });

  test.each(Object.entries(brokenOverTime))("%s", async (_title, { store, fails }) => {
    expect(await failuresOf(delayedDriver(store), fails)).not.toEqual([]);
  });

  test("goes wrong only now and then", async () => {
    const create = () =>
      new (class extends MemorySessionStore {
        override done(client: string, deliveryNumber: number): void {
          if (deliveryNumber % 2 === 1) super.done(client, deliveryNumber);
        }
      })();
    expect(await failuresOf(memoryDriver(create), /^at random/)).not.toEqual([]);
  });
});

test("the same cases pass with stores that are not broken", async () => {
  for (const { fails } of Object.values(brokenInMemory)) {
    expect(
      await failuresOf(
        memoryDriver(() => new MemorySessionStore()),
        fails,
      ),
    ).toEqual([]);
  }
  for (const { fails } of Object.values(brokenOverTime)) {
    expect(
      await failuresOf(
        delayedDriver(() => new DelayedSessionStore(true)),
        fails,
      ),
    ).toEqual([]);
  }
});
