/** `node start-broker.ts DIR`: how long a broker takes to go on with what it kept, in a process of its own; as JSON. */
import { Broker } from "@tidings/broker";
import { openLmdbSessionStore } from "@tidings/store-lmdb";

const beganMs = performance.now();
const store = await openLmdbSessionStore({ directory: process.argv[2] });
const openedMs = performance.now();
const broker = new Broker({ store, retainedMessagesMax: 2_000_000, retainedBytesMax: 2 ** 33 });
await broker.recover(Date.now());
const endedMs = performance.now();
const { retainedMessages, sessions } = store.recovered;
if (broker.retainedMessageCount !== retainedMessages || broker.sessionCount !== sessions)
  throw new Error("some are lost");
console.log(
  JSON.stringify({
    openSeconds: (openedMs - beganMs) / 1000,
    recoverSeconds: (endedMs - openedMs) / 1000,
    heapMiB: process.memoryUsage().heapUsed / 1_048_576,
  }),
);
await store.close();
