/**
 * The suite that every session store must pass. Needs no test runner of its own: `describe`, `test` and `expect` are
 * handed in, those of vitest, jest or bun as they are.
 */
import type { SessionStore } from "../session-store.js";
import { contentCases } from "./content-cases.js";
import { crashCases } from "./crash-cases.js";
import { queueCases } from "./queue-cases.js";
import { type FastCheck, randomCases } from "./random-cases.js";
import { isSame, type StoreContent } from "./store-content.js";
import { type SessionStoreDriver, StoreLife } from "./store-life.js";
import { ticketCases } from "./ticket-cases.js";
import { valueCases } from "./value-cases.js";

/** What the suite asks of a test runner. */
export interface TestFunctions {
  describe(title: string, body: () => void): unknown;
  test(title: string, body: () => Promise<void>): unknown;
  /** Deep equality is all that is asked of it. */
  expect(actual: unknown): { toEqual(expected: unknown): unknown };
  /** The module fast-check; without it the random cases are left out. */
  fastCheck?: FastCheck;
}

/** Writes down one test with a store of its own; `repeat` tells the store everything that many times. */
type StoreTest = (title: string, body: (life: StoreLife) => Promise<void>, repeat?: number) => void;

/** What the groups of cases work with. */
export interface SuiteTools {
  driver: SessionStoreDriver;
  expect: TestFunctions["expect"];
  storeTest: StoreTest;
  /** The same content. */
  expectSame(actual: StoreContent, expected: StoreContent): void;
  /** The next life of the store holds exactly what it was told, and not one message more. */
  expectKept(life: StoreLife): Promise<void>;
  fastCheck: FastCheck | undefined;
}

/**
 * Declares the tests of one kind of store. Cases that need what the driver does not have are left out: the crash cases
 * `kill` and `powerCut`, the counting of messages `messageCount`, the reading of queues `readsQueues`.
 */
export function sessionStoreSuite<S extends SessionStore>(
  driver: SessionStoreDriver<S>,
  { describe, test, expect, fastCheck }: TestFunctions,
): void {
  const expectSame = (actual: StoreContent, expected: StoreContent): void => {
    if (!isSame(actual, expected)) expect(actual).toEqual(expected);
  };
  const tools: SuiteTools = {
    driver: driver as unknown as SessionStoreDriver,
    expect,
    fastCheck,
    expectSame,
    storeTest: (title, body, repeat) => {
      test(title, async () => {
        const life = await StoreLife.begin(tools.driver, repeat);
        try {
          await body(life);
          expect(life.violations).toEqual([]);
        } finally {
          await life.end();
        }
      });
    },
    expectKept: async (life) => {
      expectSame(await life.reopen(), life.model.content());
      const messageCount = await life.messageCount();
      if (messageCount !== undefined) expect(messageCount).toEqual(life.model.messages.size);
    },
  };
  describe("keeps", () => contentCases(tools));
  describe("keeps any value", () => valueCases(tools));
  if (driver.readsQueues) describe("reads queues again", () => queueCases(tools));
  describe("tickets", () => ticketCases(tools));
  if (driver.kill !== undefined) describe("after kill -9", () => crashCases(tools, "kill"));
  if (driver.powerCut !== undefined) describe("after a power cut", () => crashCases(tools, "powerCut"));
  if (fastCheck !== undefined) describe("at random", () => randomCases(tools, fastCheck));
}
