/** Acknowledgements that a client sends: which, with what, and in what order. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { Message } from "../core/message.js";
import { type ConnectedClient, connectedClient } from "../testing/connected-client.js";

const ACKNOWLEDGEMENTS: readonly PacketType[] = [PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBCOMP];

/** Subscribed to everything, with a handler that keeps the messages; acknowledging is left to the test. */
async function manual(protocolVersion: 4 | 5): Promise<ConnectedClient & { messages: Message[] }> {
  const messages: Message[] = [];
  const connected = await connectedClient({ protocolVersion, acknowledge: "manual" });
  connected.client.subscribe("#", { qos: 2, handler: (message) => void messages.push(message) });
  await connected.environment.settle();
  connected.server.serve([]).take();
  return { ...connected, messages };
}

/** Type, Packet Identifier and Reason Code of the acknowledgements that came. */
function acknowledgements({ server }: ConnectedClient): [number, number, number][] {
  return server.take().flatMap((packet) => {
    if (!ACKNOWLEDGEMENTS.includes(packet.type) || !("packetIdentifier" in packet)) return [];
    return [[packet.type, packet.packetIdentifier as number, "reasonCode" in packet ? packet.reasonCode : 0]];
  });
}

describe.each([5, 4] as const)("version %i", (version) => {
  test("[MQTT-3.3.4-1] [MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-2.2.1-5] [3.1.1 MQTT-3.3.4-1] [3.1.1 MQTT-2.3.1-6] a message is answered by its QoS: nothing, PUBACK or PUBREC, with its identifier", async () => {
    const course = await manual(version);
    course.server.publish("a", "0").publish("a", "1", { qos: 1, packetIdentifier: 300 });
    course.server.publish("a", "2", { qos: 2, packetIdentifier: 7 });
    await course.environment.settle();
    expect(acknowledgements(course)).toEqual([]);
    for (const message of course.messages) message.ack();
    await course.environment.settle();
    expect(acknowledgements(course)).toEqual([
      [PacketType.PUBACK, 300, 0],
      [PacketType.PUBREC, 7, 0],
    ]);
  });

  test("[MQTT-4.3.2-5] [3.1.1 MQTT-4.3.2-2] after PUBACK the same identifier is a new message, whatever DUP says", async () => {
    const course = await manual(version);
    for (const dup of [false, true]) {
      course.server.publish("a", "x", { qos: 1, packetIdentifier: 5, dup });
      await course.environment.settle();
      course.messages.at(-1)?.ack();
      await course.environment.settle();
    }
    expect(course.messages).toHaveLength(2);
    expect(acknowledgements(course)).toEqual([
      [PacketType.PUBACK, 5, 0],
      [PacketType.PUBACK, 5, 0],
    ]);
  });

  test("[MQTT-4.3.3-11] PUBREL is answered with PUBCOMP of the same identifier, even for one that is unknown", async () => {
    const course = await manual(version);
    course.server.publish("a", "x", { qos: 2, packetIdentifier: 9 });
    await course.environment.settle();
    course.messages[0].ack();
    await course.environment.settle();
    course.server.acknowledge(PacketType.PUBREL, 9).acknowledge(PacketType.PUBREL, 10);
    await course.environment.settle();
    expect(acknowledgements(course)).toEqual([
      [PacketType.PUBREC, 9, 0],
      [PacketType.PUBCOMP, 9, 0],
      [PacketType.PUBCOMP, 10, version === 5 ? 0x92 : 0],
    ]);
  });

  test("[MQTT-4.6.0-2] [MQTT-4.6.0-3] [3.1.1 MQTT-4.6.0-2] [3.1.1 MQTT-4.6.0-3] PUBACKs and PUBRECs go out in the order of the messages, whatever the order of the application", async () => {
    const course = await manual(version);
    for (const packetIdentifier of [11, 12, 13]) {
      course.server.publish("a", "1", { qos: 1, packetIdentifier });
      course.server.publish("a", "2", { qos: 2, packetIdentifier: packetIdentifier + 10 });
    }
    await course.environment.settle();
    for (const index of [2, 4, 3, 5, 1]) course.messages[index].ack();
    await course.environment.settle();
    const before = acknowledgements(course);
    course.messages[0].ack();
    await course.environment.settle();
    const all = [...before, ...acknowledgements(course)];
    const identifiersOf = (type: number) => all.filter(([one]) => one === type).map(([, identifier]) => identifier);
    expect(before.map(([type]) => type)).toEqual([PacketType.PUBREC, PacketType.PUBREC, PacketType.PUBREC]);
    expect(identifiersOf(PacketType.PUBACK)).toEqual([11, 12, 13]);
    expect(identifiersOf(PacketType.PUBREC)).toEqual([21, 22, 23]);
  });

  test("[MQTT-4.6.0-4] [3.1.1 MQTT-4.6.0-4] PUBRELs go out in the order of the PUBRECs that came", async () => {
    const { client, environment, server } = await connectedClient({ protocolVersion: version });
    server.serve([]);
    for (const payload of ["a", "b", "c"]) void client.publish("t", payload, { qos: 2 });
    await environment.settle();
    const [a, b, c] = server.takeAll(PacketType.PUBLISH).map(({ packetIdentifier }) => packetIdentifier as number);
    for (const identifier of [c, a, b]) server.acknowledge(PacketType.PUBREC, identifier);
    await environment.settle();
    expect(server.takeAll(PacketType.PUBREL).map(({ packetIdentifier }) => packetIdentifier)).toEqual([c, a, b]);
  });

  test("[MQTT-4.5.0-2] [3.1.1 MQTT-4.5.0-2] messages that nobody has subscribed to are acknowledged all the same", async () => {
    const course = await connectedClient({ protocolVersion: version, acknowledge: "manual" });
    course.server.publish("x", "1", { qos: 1, packetIdentifier: 1 });
    course.server.publish("x", "2", { qos: 2, packetIdentifier: 2 });
    await course.environment.settle();
    expect(acknowledgements(course)).toEqual([
      [PacketType.PUBACK, 1, 0],
      [PacketType.PUBREC, 2, 0],
      [PacketType.PUBCOMP, 2, 0],
    ]);
  });
});

test("PUBCOMP with 0x92 is no failure where PUBREL was sent again (3.7.2.1), and one elsewhere", async () => {
  const { client, environment, server } = await connectedClient({ reconnect: { delay: () => 1 } });
  server.serve([]);
  const results: unknown[] = [];
  const note = (result: unknown): void => void results.push(result);
  client.publish("a", "released", { qos: 2 }).then(note, note);
  await environment.settle();
  const { packetIdentifier: first = 0 } = server.takeFirst(PacketType.PUBLISH);
  server.acknowledge(PacketType.PUBREC, first);
  await environment.settle();
  environment.onConnection = (next) => {
    next.onPacket = ({ type }) => void (type === PacketType.CONNECT && next.connack(undefined, true));
  };
  server.drop();
  await environment.advance(1);
  const next = environment.connection;
  expect(next.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(first);
  next.acknowledge(PacketType.PUBCOMP, first, 0x92);
  await environment.settle();
  expect(results).toEqual([{ reasonCode: 0 }]);
  client.publish("a", "new", { qos: 2 }).then(note, note);
  await environment.settle();
  const { packetIdentifier: second = 0 } = next.takeFirst(PacketType.PUBLISH);
  next.acknowledge(PacketType.PUBREC, second).acknowledge(PacketType.PUBCOMP, second, 0x92);
  await environment.settle();
  expect(results[1]).toMatchObject({ code: "TIDINGS_CLIENT_PUBLISH_REFUSED", reasonCode: 0x92 });
});

test("[MQTT-4.3.3-13] the handshake of QoS 2 goes on when the message has expired", async () => {
  const course = await manual(5);
  course.server.publish("a", "x", { qos: 2, packetIdentifier: 3, properties: { messageExpiryInterval: 1 } });
  await course.environment.advance(10_000);
  course.messages[0].ack();
  await course.environment.settle();
  course.server.acknowledge(PacketType.PUBREL, 3);
  await course.environment.settle();
  expect(acknowledgements(course)).toEqual([
    [PacketType.PUBREC, 3, 0],
    [PacketType.PUBCOMP, 3, 0],
  ]);
});

test("[MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3] [MQTT-3.7.2-2] [MQTT-3.7.2-3] acknowledgements carry no Reason String and no User Properties, and so fit every Maximum Packet Size", async () => {
  const play = (maximumPacketSize: number) =>
    connectedClient({ acknowledge: "manual" }, (server) => {
      server.serve();
      const { onPacket } = server;
      server.onPacket = (packet) => {
        if (packet.type === PacketType.CONNECT) server.connack({ maximumPacketSize });
        else onPacket(packet);
      };
    });
  const { client, environment, server } = await play(20);
  const messages: Message[] = [];
  client.subscribe("#", { qos: 2, handler: (message) => void messages.push(message) });
  client.publish("t", "x", { qos: 2 }).catch(() => {});
  await environment.settle();
  server.publish("a", "1", { qos: 1, packetIdentifier: 1 }).publish("a", "2", { qos: 2, packetIdentifier: 2 });
  server.acknowledge(PacketType.PUBREL, 99).acknowledge(PacketType.PUBREC, 98);
  await environment.settle();
  for (const message of messages) message.reject(0x97);
  await environment.settle();
  const sent = server.take().filter(({ type }) => type >= PacketType.PUBACK && type <= PacketType.PUBCOMP);
  expect(sent).toEqual([
    { type: PacketType.PUBREL, packetIdentifier: 2, reasonCode: 0 },
    { type: PacketType.PUBCOMP, packetIdentifier: 99, reasonCode: 0x92 },
    { type: PacketType.PUBREL, packetIdentifier: 98, reasonCode: 0x92 },
    { type: PacketType.PUBACK, packetIdentifier: 1, reasonCode: 0x97 },
    { type: PacketType.PUBREC, packetIdentifier: 2, reasonCode: 0x97 },
    { type: PacketType.PUBCOMP, packetIdentifier: 2, reasonCode: 0x92 },
  ]);
});
