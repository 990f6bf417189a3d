/**
 * Prints what a message allocates, in bytes of heap and of buffers: a program of its own, because it needs a heap that is
 * not collected while it runs. Arguments: QoS, number of subscribers.
 */
import { encodePacket, PacketType, type QoS } from "@tidings/packet";
import { CountedBroker } from "./counted-streams.js";

const ROUNDS = 200;
const MESSAGES_IN_TURN = 50;

const qos = Number(process.argv[2]) as QoS;
const receivers = Number(process.argv[3]);
const counted = new CountedBroker();
const publisher = counted.connect("publisher");
const subscribers = Array.from({ length: receivers }, (_, i) => counted.subscriber(`s${i}`, "t", qos));

/** Identifiers go round, so that one input serves every turn. */
const input = Buffer.concat(
  Array.from({ length: MESSAGES_IN_TURN }, (_, i) =>
    encodePacket(
      {
        type: PacketType.PUBLISH,
        dup: false,
        qos,
        retain: false,
        topicName: "t",
        packetIdentifier: qos === 0 ? undefined : i + 1,
        payload: new Uint8Array(64),
      },
      4,
    ),
  ),
);
let written = 0;
for (const stream of [publisher, ...subscribers]) {
  stream.write = (bytes) => {
    written += bytes.length;
    return true;
  };
}

let identifier = 1;
const acknowledgement = new Uint8Array([0x40, 2, 0, 0]);
function turn(): void {
  publisher.bringBytes(input);
  counted.endTurn();
  if (qos === 0) return;
  for (let i = 0; i < MESSAGES_IN_TURN; i++) {
    acknowledgement[2] = identifier >> 8;
    acknowledgement[3] = identifier & 0xff;
    identifier = identifier === 65_535 ? 1 : identifier + 1;
    for (const subscriber of subscribers) subscriber.bringBytes(acknowledgement);
  }
  counted.endTurn();
}

for (let i = 0; i < ROUNDS; i++) turn();
globalThis.gc?.();
const before = process.memoryUsage();
for (let i = 0; i < ROUNDS; i++) turn();
const after = process.memoryUsage();
if (written === 0) throw new Error("nothing was written");
const messages = ROUNDS * MESSAGES_IN_TURN;
process.stdout.write(
  JSON.stringify({
    heap: (after.heapUsed - before.heapUsed) / messages,
    buffers: (after.arrayBuffers - before.arrayBuffers) / messages,
  }),
);
