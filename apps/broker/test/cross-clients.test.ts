/** Every client with every other one, and every version with every other one: what one publishes all receive. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ClientKind,
  describeClient,
  type Message,
  type TestClient,
  VERSIONS,
  type Version,
} from "./clients/client-kind.js";
import { CLIENT_KINDS } from "./clients/index.js";
import { endPrograms } from "./program.js";
import { type RunningBroker, startBroker } from "./start-broker.js";

interface Peer {
  readonly kind: ClientKind;
  readonly version: Version;
  readonly name: string;
}

const SEVERAL_QOS = [0, 1, 2] as const;

const peersOf = (kind: ClientKind): Peer[] =>
  VERSIONS.map(({ version, title }) => ({ kind, version, name: `${kind.name}, ${title}` }));
const peers = CLIENT_KINDS.filter(({ missing }) => missing === undefined).flatMap(peersOf);

let broker: RunningBroker;
const clients = new Map<string, TestClient>();

beforeAll(async () => {
  broker = await startBroker();
  await Promise.all(
    peers.map(async ({ kind, version, name }) => {
      const clientId = `cross-${kind.id}-${version}`;
      clients.set(name, await kind.open(broker, { version, clientId, subscriptions: [{ filter: "cross/#", qos: 2 }] }));
    }),
  );
});

afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.close()));
  await endPrograms();
});

const topicOf = ({ kind, version }: Peer): string => `cross/${kind.id}/${version}`;
const line = ({ topic, payload, qos }: Message): string => `${topic} ${payload} qos ${qos}`;

for (const kind of CLIENT_KINDS) {
  describeClient(kind, () => {
    for (const publisher of peersOf(kind)) {
      describe(`what ${publisher.name} publishes`, () => {
        const topic = topicOf(publisher);
        const sent = SEVERAL_QOS.map((qos) => ({
          topic,
          payload: Buffer.from(`with ${qos} \u{1f4ef}`),
          qos,
          retain: false,
        }));

        beforeAll(async () => {
          for (const message of sent) await clients.get(publisher.name)?.publish(message);
        });

        test.each(peers)("reaches $name", async ({ name }) => {
          const { inbox } = clients.get(name)!;
          const received = await inbox.atLeast(sent.length, (message) => message.topic === topic);
          expect(received.map(line)).toEqual(sent.map(line));
        });
      });
    }
  });
}

test("nobody got anything else", () => {
  for (const { inbox } of clients.values()) expect(inbox.entries).toHaveLength(peers.length * SEVERAL_QOS.length);
});
