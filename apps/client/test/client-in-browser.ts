/** What client-in-browser.test.ts runs in the page. */
export { connect, createClient } from "@tidings/client";
export { indexedDbSessionStore } from "@tidings/client/indexed-db-session-store";
