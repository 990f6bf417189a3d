/** `node fill-store.ts DIR RETAINED SESSIONS`: a store as a large installation leaves it. */
import { openLmdbSessionStore } from "@tidings/store-lmdb";
import { message, session } from "./store-records.js";

const [directory, retained, sessions] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
// Whether the disk has each of a million messages is not the question here.
const store = await openLmdbSessionStore({ directory, durability: "write" });

async function untilDurable(): Promise<void> {
  const ticket = store.seal();
  while (store.durableUpTo < ticket) await new Promise((resolve) => setImmediate(resolve));
}

for (let i = 0; i < sessions; i++) {
  store.putSession({ ...session(`client-${i}`), disconnectedAtMs: Date.now() });
  store.putSubscription(`client-${i}`, {
    topicFilter: `devices/${i}/#`,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
  });
  if (i % 1000 === 999) await untilDurable();
}
for (let i = 0; i < retained; i++) {
  const topicName = `devices/${i % sessions}/${Math.floor(i / sessions)}`;
  store.setRetained(topicName, message(topicName));
  if (i % 1000 === 999) await untilDurable();
}
await untilDurable();
await store.close();
