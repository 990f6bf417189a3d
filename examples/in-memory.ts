/**
 * Broker and client in one process, without a network: for tests, and for programs whose parts talk by MQTT. MQTT.js
 * runs over one end of a memory pair, the broker has the other; the program itself takes part without a client.
 *
 *     npx tsx -C @tidings/source examples/in-memory.ts          answers lines typed into it until Ctrl-D
 *     npx tsx -C @tidings/source examples/in-memory.ts --once   one round trip
 */
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";
import { createBrokerServer } from "@tidings/broker/node";
import { type ByteStream, createMemoryPair } from "@tidings/transport";
import mqtt from "mqtt";

const mqttServer = await createBrokerServer();

// The program's own part: it answers what comes in on `question`.
mqttServer.broker.subscribeLocally("question", {
  onMessage: ({ payload }) => {
    const question = new TextDecoder().decode(payload);
    mqttServer.broker.publish({ topicName: "answer", payload: question.toUpperCase() });
  },
});

const [clientEnd, brokerEnd] = createMemoryPair();
mqttServer.accept(brokerEnd);
const client = new mqtt.MqttClient(() => duplexOf(clientEnd), { reconnectPeriod: 0 });
client.on("message", (topic, payload) => console.log(`${topic}: ${payload}`));
await client.subscribeAsync("answer");
const questions = process.argv.includes("--once") ? ["any good news?"] : createInterface(process.stdin);
for await (const question of questions) await client.publishAsync("question", question, { qos: 1 });
await client.endAsync();
await mqttServer.close();

/** The stream of Node that MQTT.js wants, over any byte stream. */
function duplexOf(stream: ByteStream): Duplex {
  let onDrain = (): void => {};
  const duplex = new Duplex({
    read: () => stream.resume(),
    write: (chunk, _encoding, done) => {
      onDrain = done;
      if (stream.write(chunk)) done();
    },
    final: (done) => {
      stream.end();
      done();
    },
  });
  stream.start({
    onBytes: (bytes, start, end) => duplex.push(bytes.slice(start, end)) || stream.pause(),
    onDrain: () => onDrain(),
    onClose: () => duplex.push(null),
  });
  return duplex;
}
