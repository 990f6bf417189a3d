/** Checks of what every version has: QoS, order, retained messages, wildcards. Each is made for 3.1.1 and for 5.0. */
import { PacketType, type ProtocolVersion, type QoS } from "@tidings/packet";
import { type Check, type CheckBench, departs, no, type Verdict, yes } from "./check.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function messageChecks(version: ProtocolVersion): Check[] {
  const group = version === 5 ? "Messages, 5.0" : "Messages, 3.1.1";
  const check = (name: string, rule: string, run: Check["run"]): Check => ({ group, name, rule, run });
  return [
    check("QoS 0", "4.3.1", (bench) => deliver(bench, version, 0)),
    check("QoS 1", "4.3.2", (bench) => deliver(bench, version, 1)),
    check("QoS 2", "4.3.3", (bench) => deliver(bench, version, 2)),
    check("QoS 2 without doubles", "MQTT-4.3.3-10", (bench) => exactlyOnce(bench, version)),
    check("order is kept", "MQTT-4.6.0-5", (bench) => inOrder(bench, version)),
    check("retained messages", "MQTT-3.3.1-6", (bench) => retained(bench, version)),
    check("wildcard +", "4.7.1.3", (bench) => wildcard(bench, version, "+", ["a"], ["a/b"])),
    check("wildcard #", "4.7.1.2", (bench) => wildcard(bench, version, "#", ["", "a", "a/b"], [])),
    check("# leaves $-topics out", "MQTT-4.7.2-1", (bench) => hidesDollarTopics(bench, version)),
    check("sessions are kept", "MQTT-3.1.2-5", (bench) => session(bench, version)),
    check("the will", "MQTT-3.1.2-8", (bench) => will(bench, version, false)),
    check("no will after DISCONNECT", "MQTT-3.14.4-3", (bench) => will(bench, version, true)),
    check("one connection for each identifier", "MQTT-3.1.4-3", (bench) => takeover(bench, version)),
    check("keep alive is enforced", "MQTT-3.1.2-22", (bench) => keepAlive(bench, version)),
    check("PINGREQ is answered", "MQTT-3.12.4-1", (bench) => ping(bench, version)),
  ];
}

async function deliver(bench: CheckBench, version: ProtocolVersion, qos: QoS): Promise<Verdict> {
  const connection = await bench.connect(version);
  const topic = bench.topic(`qos-${qos}`);
  const granted = await connection.subscribe(topic, { qos });
  if (granted >= 0x80) return departs(`the subscription was refused: 0x${granted.toString(16)}`);
  const maximumQoS = version === 5 ? (bench.connack.properties?.maximumQoS ?? 2) : 2;
  if (qos > maximumQoS) return no(`Maximum QoS is ${maximumQoS}`);
  if (granted < qos) return no(`QoS ${granted} is granted`);
  const reasonCode = await connection.publish(topic, "x", { qos });
  if (reasonCode >= 0x80) return departs(`the message was refused: 0x${reasonCode.toString(16)}`);
  const message = await connection.message();
  connection.disconnect();
  return message.qos === qos ? yes() : departs(`it came with QoS ${message.qos}`);
}

/** The same PUBLISH twice before its PUBREL is one message. */
async function exactlyOnce(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const topic = bench.topic("once");
  const subscriber = await bench.connect(version);
  await subscriber.subscribe(topic);
  const publisher = await bench.connect(version);
  const packet = publisher.publishPacket(topic, "x", { qos: 2 });
  publisher.send(packet);
  await publisher.next(PacketType.PUBREC);
  publisher.send({ ...packet, dup: true });
  await publisher.next(PacketType.PUBREC);
  publisher.send({ type: PacketType.PUBREL, packetIdentifier: packet.packetIdentifier!, reasonCode: 0 });
  await publisher.next(PacketType.PUBCOMP);
  await subscriber.message();
  const more = await subscriber.messagesSoFar();
  publisher.disconnect();
  subscriber.disconnect();
  return more.length === 0 ? yes() : departs(`the message came ${more.length + 1} times`);
}

const IN_ORDER = 50;

async function inOrder(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const connection = await bench.connect(version);
  const topic = bench.topic("order");
  await connection.subscribe(topic, { qos: 1 });
  for (let number = 0; number < IN_ORDER; number++) {
    connection.send(connection.publishPacket(topic, String(number), { qos: 1 }));
  }
  const received: number[] = [];
  while (received.length < IN_ORDER) received.push(Number(text((await connection.message()).payload)));
  connection.disconnect();
  return received.every((number, index) => number === index) ? yes() : departs(`they came as ${received.join(", ")}`);
}

async function retained(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  if (version === 5 && bench.connack.properties?.retainAvailable === false) return no("Retain Available is 0");
  const topic = bench.topic("retained");
  const connection = await bench.connect(version);
  await connection.publish(topic, "kept", { qos: 1, retain: true });
  await connection.subscribe(topic);
  const message = await connection.message();
  await connection.publish(topic, "", { qos: 1, retain: true });
  await connection.messagesSoFar();
  const other = await bench.connect(version);
  await other.subscribe(topic);
  const left = await other.messagesSoFar();
  connection.disconnect();
  other.disconnect();
  if (!message.retain) return departs("it came without RETAIN [MQTT-3.3.1-8]");
  return left.length === 0 ? yes() : departs("an empty message did not remove it");
}

async function wildcard(
  bench: CheckBench,
  version: ProtocolVersion,
  sign: string,
  matching: string[],
  others: string[],
): Promise<Verdict> {
  if (version === 5 && bench.connack.properties?.wildcardSubscriptionAvailable === false) {
    return no("Wildcard Subscription Available is 0");
  }
  const base = bench.topic(sign === "+" ? "plus" : "hash");
  const at = (level: string): string => (level === "" ? base : `${base}/${level}`);
  const connection = await bench.connect(version);
  await connection.subscribe(`${base}/${sign}`);
  for (const level of [...others, ...matching]) await connection.publish(at(level), "x", { qos: 1 });
  const topics: string[] = [];
  while (topics.length < matching.length) topics.push((await connection.message()).topicName);
  const more = await connection.messagesSoFar();
  connection.disconnect();
  const all = [...topics, ...more.map(({ topicName }) => topicName)].sort();
  const expected = matching.map(at).sort();
  return all.join() === expected.join() ? yes() : departs(`it matched ${all.map((topic) => topic.slice(base.length))}`);
}

async function hidesDollarTopics(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const connection = await bench.connect(version);
  const granted = await connection.subscribe("#");
  if (granted >= 0x80) return no(`a subscription to # is refused: 0x${granted.toString(16)}`);
  const messages = await connection.messagesSoFar();
  connection.disconnect();
  const dollar = messages.find(({ topicName }) => topicName.startsWith("$"));
  return dollar === undefined ? yes() : departs(`# brought ${dollar.topicName}`);
}

async function session(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const clientIdentifier = bench.clientIdentifier("session");
  const topic = bench.topic("session");
  const properties = version === 5 ? { sessionExpiryInterval: 60 } : undefined;
  const kept = { clientIdentifier, cleanStart: false, properties };
  const first = await bench.connectFully(version, kept);
  const granted = first.connack.properties?.sessionExpiryInterval;
  await first.connection.subscribe(topic, { qos: 1 });
  first.connection.disconnect();
  await first.connection.end();
  const publisher = await bench.connect(version);
  await publisher.publish(topic, "for later", { qos: 1 });
  publisher.disconnect();
  const second = await bench.connectFully(version, kept);
  const isPresent = second.connack.sessionPresent;
  const message = isPresent ? await second.connection.nextOrNothing(PacketType.PUBLISH) : undefined;
  second.connection.disconnect();
  await second.connection.end();
  const last = await bench.connect(version, { clientIdentifier }); // clean: removes it
  last.disconnect();
  if (version === 5 && granted === 0) return no("Session Expiry Interval is limited to 0");
  if (!isPresent) return departs("Session Present is 0 after a reconnect [MQTT-3.2.2-3]");
  return message === undefined ? departs("a message for the absent client was lost") : yes();
}

async function will(bench: CheckBench, version: ProtocolVersion, politely: boolean): Promise<Verdict> {
  const topic = bench.topic(politely ? "no-will" : "will");
  const subscriber = await bench.connect(version);
  await subscriber.subscribe(topic);
  const dying = await bench.connect(version, {
    will: { topic, payload: new TextEncoder().encode("gone"), qos: 0, retain: false },
  });
  if (politely) dying.disconnect();
  else dying.cut();
  if (politely) await dying.end();
  const message = politely ? (await subscriber.messagesSoFar())[0] : await subscriber.message();
  subscriber.disconnect();
  return politely && message !== undefined ? departs("the will was published") : yes();
}

async function takeover(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const clientIdentifier = bench.clientIdentifier("twice");
  const first = await bench.connect(version, { clientIdentifier });
  const second = await bench.connect(version, { clientIdentifier });
  const end = await first.end();
  second.disconnect();
  if (end === undefined) return departs("two connections with one Client Identifier");
  if (version < 5 || end.reasonCode === 0x8e) return yes();
  const said = end.reasonCode === undefined ? "no DISCONNECT" : `DISCONNECT 0x${end.reasonCode.toString(16)}`;
  return departs(`${said} instead of 0x8E`);
}

async function keepAlive(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const { connection, connack } = await bench.connectFully(version, { keepAlive: 1 });
  const seconds = connack.properties?.serverKeepAlive ?? 1;
  if (seconds > 2) {
    connection.disconnect();
    return { outcome: "info", detail: `the server wants ${seconds} s; not waited for` };
  }
  const start = performance.now();
  // Half as long again is the rule; servers that look every few seconds get some.
  const end = await connection.end(seconds * 1500 + 3_500);
  connection.disconnect();
  if (end === undefined) return departs(`still connected ${seconds * 1.5 + 3.5} s after the last packet`);
  const afterSeconds = (performance.now() - start) / 1000;
  if (afterSeconds < seconds * 1.4) return departs(`closed after ${afterSeconds.toFixed(1)} s already`);
  return yes(`closed after ${afterSeconds.toFixed(1)} s`);
}

async function ping(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const connection = await bench.connect(version);
  connection.send({ type: PacketType.PINGREQ });
  await connection.next(PacketType.PINGRESP);
  connection.disconnect();
  return yes();
}
