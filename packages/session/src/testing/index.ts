export { DelayedSessionStore } from "./delayed-session-store.js";
export type { FastCheck } from "./random-cases.js";
export { sessionStoreSuite, type TestFunctions } from "./session-store-suite.js";
export type { SessionStoreDriver } from "./store-life.js";
