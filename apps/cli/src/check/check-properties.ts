/** Checks of what 5.0 added. */
import type { Properties } from "@tidings/packet";
import { type Check, type CheckBench, departs, info, no, unclear, type Verdict, yes } from "./check.js";

const GROUP = "5.0";
const check = (name: string, rule: string, run: Check["run"]): Check => ({ group: GROUP, name, rule, run });
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const propertyChecks: readonly Check[] = [
  check("limits that the server states", "3.2.2.3", limits),
  check("assigned Client Identifier", "MQTT-3.2.2-16", assignedIdentifier),
  check("shared subscriptions", "4.8.2", shared),
  check("Subscription Identifiers", "3.8.2.1.2", subscriptionIdentifiers),
  check("No Local", "MQTT-3.8.3-3", noLocal),
  check("Retain As Published", "MQTT-3.3.1-13", retainAsPublished),
  check("Retain Handling", "MQTT-3.3.1-10", retainHandling),
  check("Topic Alias to the server", "3.3.2.3.4", aliasIn),
  check("Topic Alias from the server", "3.3.2.3.4", aliasOut),
  check("Session Expiry Interval", "3.1.2.11.2", sessionExpiry),
  check("Will Delay Interval", "MQTT-3.1.3-9", willDelay),
  check("will with DISCONNECT 0x04", "3.14.2.1", willOnRequest),
  check("Message Expiry Interval", "MQTT-3.3.2-5", messageExpiry),
  check("properties pass unchanged", "MQTT-3.3.2-17", passThrough),
  check("Receive Maximum is obeyed", "MQTT-3.3.4-9", receiveMaximum),
  check("Maximum Packet Size is obeyed", "MQTT-3.1.2-24", maximumPacketSize),
  check("Response Information", "3.2.2.3.14", responseInformation),
  check("request and response", "4.10", requestResponse),
];

async function limits({ connack }: CheckBench): Promise<Verdict> {
  const names: (keyof Properties)[] = [
    ...(["receiveMaximum", "maximumPacketSize", "maximumQoS", "topicAliasMaximum"] as const),
    ...(["sessionExpiryInterval", "serverKeepAlive"] as const),
  ];
  const properties: Properties = connack.properties ?? {};
  const said = names.flatMap((name) => (properties[name] === undefined ? [] : [`${name} ${properties[name]}`]));
  return info(said.join(", ") || "none");
}

async function assignedIdentifier(bench: CheckBench): Promise<Verdict> {
  const { connection, connack } = await bench.connectFully(5, { clientIdentifier: "" });
  connection.disconnect();
  const identifier = connack.properties?.assignedClientIdentifier;
  return identifier ? yes(identifier) : departs("CONNACK names none");
}

const SHARED_MESSAGES = 20;

async function shared(bench: CheckBench): Promise<Verdict> {
  if (bench.connack.properties?.sharedSubscriptionAvailable === false) return no("Shared Subscription Available is 0");
  const topic = bench.topic("shared");
  const members = await Promise.all([bench.connect(5), bench.connect(5)]);
  for (const member of members) {
    const granted = await member.subscribe(`$share/check/${topic}`);
    if (granted >= 0x80) return departs(`refused with 0x${granted.toString(16)}, but CONNACK offers them`);
  }
  const publisher = await bench.connect(5);
  for (let number = 0; number < SHARED_MESSAGES; number++) await publisher.publish(topic, "x", { qos: 1 });
  const counts = (await Promise.all(members.map((member) => member.messagesSoFar()))).map(({ length }) => length);
  for (const connection of [...members, publisher]) connection.disconnect();
  const total = counts[0] + counts[1];
  if (total !== SHARED_MESSAGES) return departs(`${total} deliveries of ${SHARED_MESSAGES} messages`);
  return yes(`${counts.join(" and ")} of ${SHARED_MESSAGES}`);
}

async function subscriptionIdentifiers(bench: CheckBench): Promise<Verdict> {
  if (bench.connack.properties?.subscriptionIdentifierAvailable === false) {
    return no("Subscription Identifier Available is 0");
  }
  const topic = bench.topic("identifier");
  const connection = await bench.connect(5);
  await connection.subscribe(topic, {}, 4711);
  await connection.publish(topic, "x");
  const { properties } = await connection.message();
  connection.disconnect();
  const got = properties?.subscriptionIdentifiers ?? [];
  return got.join() === "4711" ? yes() : departs(`4711 came back as ${got.join() || "nothing"}`);
}

async function noLocal(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("local");
  const connection = await bench.connect(5);
  await connection.subscribe(topic, { noLocal: true });
  await connection.publish(topic, "own", { qos: 1 });
  const messages = await connection.messagesSoFar();
  connection.disconnect();
  return messages.length === 0 ? yes() : departs("its own message came back");
}

async function retainAsPublished(bench: CheckBench): Promise<Verdict> {
  if (bench.connack.properties?.retainAvailable === false) return no("Retain Available is 0");
  const topic = bench.topic("as-published");
  const flags: boolean[] = [];
  for (const asPublished of [true, false]) {
    const connection = await bench.connect(5);
    await connection.subscribe(topic, { retainAsPublished: asPublished });
    await connection.publish(topic, "x", { qos: 1, retain: true });
    flags.push((await connection.message()).retain);
    await connection.publish(topic, "", { qos: 1, retain: true });
    connection.disconnect();
  }
  return flags.join() === "true,false" ? yes() : departs(`RETAIN was ${flags[0]} with it and ${flags[1]} without`);
}

async function retainHandling(bench: CheckBench): Promise<Verdict> {
  if (bench.connack.properties?.retainAvailable === false) return no("Retain Available is 0");
  const topic = bench.topic("handling");
  const connection = await bench.connect(5);
  await connection.publish(topic, "x", { qos: 1, retain: true });
  const counts: number[] = [];
  for (const retainHandling of [2, 0, 1] as const) {
    const before = connection.packets.length;
    await connection.subscribe(topic, { retainHandling });
    counts.push((await connection.messagesSoFar()).length - before);
  }
  await connection.publish(topic, "", { qos: 1, retain: true });
  connection.disconnect();
  if (counts[0] !== 0) return departs("2 (never) brought a retained message");
  if (counts[1] !== 1) return departs("0 (always) brought none");
  return counts[2] === 0 ? yes() : departs("1 (new subscriptions only) brought one to an old subscription");
}

async function aliasIn(bench: CheckBench): Promise<Verdict> {
  const maximum = bench.connack.properties?.topicAliasMaximum ?? 0;
  if (maximum === 0) return no("Topic Alias Maximum is 0");
  const topic = bench.topic("alias");
  const connection = await bench.connect(5);
  await connection.subscribe(topic);
  await connection.publish(topic, "1", { qos: 1, properties: { topicAlias: maximum } });
  await connection.publish("", "2", { qos: 1, properties: { topicAlias: maximum } });
  const messages = [await connection.message(), await connection.message()];
  connection.disconnect();
  const isRight = messages.map(({ payload }) => text(payload)).join() === "1,2";
  return isRight ? yes(`up to ${maximum}`) : departs("the message with the alias alone was not delivered");
}

async function aliasOut(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("alias-out");
  const connection = await bench.connect(5, { properties: { topicAliasMaximum: 10 } });
  await connection.subscribe(topic);
  for (const number of ["1", "2", "3"]) await connection.publish(topic, number, { qos: 1 });
  const messages = [await connection.message(), await connection.message(), await connection.message()];
  connection.disconnect();
  return messages.some(({ properties }) => properties?.topicAlias !== undefined) ? yes() : no("it sends whole topics");
}

async function sessionExpiry(bench: CheckBench): Promise<Verdict> {
  const clientIdentifier = bench.clientIdentifier("expiry");
  const connect = (sessionExpiryInterval: number) =>
    bench.connectFully(5, { clientIdentifier, cleanStart: false, properties: { sessionExpiryInterval } });
  const first = await connect(1);
  first.connection.disconnect();
  await first.connection.end();
  const soon = await connect(1);
  if (!soon.connack.sessionPresent) return departs("a session with 1 s left is gone at once");
  soon.connection.disconnect();
  await soon.connection.end();
  await wait(2_600);
  const late = await connect(0);
  late.connection.disconnect();
  return late.connack.sessionPresent ? departs("a session lives on 2.6 s after an expiry of 1 s") : yes();
}

async function willDelay(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("delayed-will");
  const subscriber = await bench.connect(5);
  await subscriber.subscribe(topic);
  const dying = await bench.connect(5, {
    properties: { sessionExpiryInterval: 60 },
    will: {
      ...{ topic, payload: new TextEncoder().encode("gone"), qos: 0 as const, retain: false },
      properties: { willDelayInterval: 1 },
    },
  });
  dying.cut();
  const start = performance.now();
  await subscriber.message(4_500);
  const seconds = (performance.now() - start) / 1000;
  subscriber.disconnect();
  return seconds > 0.7
    ? yes(`after ${seconds.toFixed(1)} s instead of 1`)
    : departs(`it came after ${seconds.toFixed(1)} s`);
}

async function willOnRequest(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("asked-will");
  const subscriber = await bench.connect(5);
  await subscriber.subscribe(topic);
  const leaving = await bench.connect(5, {
    will: { topic, payload: new TextEncoder().encode("gone"), qos: 0, retain: false },
  });
  leaving.disconnect(0x04);
  await subscriber.message();
  subscriber.disconnect();
  return yes();
}

async function messageExpiry(bench: CheckBench): Promise<Verdict> {
  const clientIdentifier = bench.clientIdentifier("message-expiry");
  const topic = bench.topic("message-expiry");
  const kept = { clientIdentifier, cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  const first = await bench.connect(5, kept);
  await first.subscribe(topic, { qos: 1 });
  first.disconnect();
  await first.end();
  const publisher = await bench.connect(5);
  await publisher.publish(topic, "short", { qos: 1, properties: { messageExpiryInterval: 1 } });
  await publisher.publish(topic, "long", { qos: 1, properties: { messageExpiryInterval: 60 } });
  publisher.disconnect();
  await wait(2_200);
  const { connection, connack } = await bench.connectFully(5, { ...kept, properties: {} });
  if (!connack.sessionPresent) return unclear("the session was not kept");
  const message = await connection.message();
  connection.disconnect();
  if (text(message.payload) === "short") return departs("a message came 2.2 s after an expiry of 1 s");
  const left = message.properties?.messageExpiryInterval;
  if (left === undefined || left > 59) return departs(`60 s were not counted down, but came as ${left} [MQTT-3.3.2-6]`);
  return yes(`60 s became ${left} s after 2.2 s`);
}

async function passThrough(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("properties");
  const sent: Properties = {
    payloadFormatIndicator: 1,
    contentType: "text/plain",
    responseTopic: bench.topic("answer"),
    correlationData: Uint8Array.of(0, 255),
    userProperties: [
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ],
  };
  const connection = await bench.connect(5);
  await connection.subscribe(topic);
  await connection.publish(topic, "x", { properties: sent });
  const got: Properties = (await connection.message()).properties ?? {};
  connection.disconnect();
  const lost = (Object.keys(sent) as (keyof Properties)[]).filter((name) => plain(sent[name]) !== plain(got[name]));
  return lost.length === 0 ? yes() : departs(`changed: ${lost.join(", ")}`);
}

function plain(value: unknown): string {
  return value instanceof Uint8Array ? [...value].join() : JSON.stringify(value);
}

async function receiveMaximum(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("receive-maximum");
  const connection = await bench.connect(5, { properties: { receiveMaximum: 2 } });
  await connection.subscribe(topic, { qos: 1 });
  const publisher = await bench.connect(5);
  for (const number of ["1", "2", "3", "4"]) await publisher.publish(topic, number, { qos: 1 });
  const waiting = (await connection.messagesSoFar()).length;
  for (let count = 0; count < 4; count++) await connection.message();
  connection.disconnect();
  publisher.disconnect();
  return waiting <= 2 ? yes() : departs(`${waiting} messages were under way; allowed were 2`);
}

async function maximumPacketSize(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("size");
  const connection = await bench.connect(5, { properties: { maximumPacketSize: 200 } });
  await connection.subscribe(topic);
  const publisher = await bench.connect(5);
  await publisher.publish(topic, "x".repeat(300), { qos: 1 });
  await publisher.publish(topic, "small", { qos: 1 });
  const message = await connection.message();
  connection.disconnect();
  publisher.disconnect();
  return text(message.payload) === "small" ? yes() : departs("a packet of over 300 bytes came; allowed were 200");
}

async function responseInformation(bench: CheckBench): Promise<Verdict> {
  const asked = await bench.connectFully(5, { properties: { requestResponseInformation: true } });
  asked.connection.disconnect();
  const notAsked = await bench.connectFully(5);
  notAsked.connection.disconnect();
  if (notAsked.connack.properties?.responseInformation !== undefined) return departs("it came without being asked for");
  const { responseInformation } = asked.connack.properties ?? {};
  return responseInformation === undefined ? no("none") : yes(responseInformation);
}

async function requestResponse(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("ask");
  const answers = bench.topic("answers");
  const [requester, responder] = await Promise.all([bench.connect(5), bench.connect(5)]);
  await responder.subscribe(topic);
  await requester.subscribe(answers);
  await requester.publish(topic, "?", { properties: { responseTopic: answers, correlationData: Uint8Array.of(7) } });
  const { responseTopic = "", correlationData } = (await responder.message()).properties ?? {};
  if (responseTopic !== answers) return departs("the Response Topic was lost");
  await responder.publish(responseTopic, "!", { properties: { correlationData } });
  const answer = await requester.message();
  for (const connection of [requester, responder]) connection.disconnect();
  return answer.properties?.correlationData?.[0] === 7 ? yes() : departs("the Correlation Data was lost");
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
