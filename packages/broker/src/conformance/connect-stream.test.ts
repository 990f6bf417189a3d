/** The transport that the protocol needs: an ordered, lossless stream of bytes (MQTT 5.0 and 3.1.1 section 4.2, 7.1). */
import { type ControlPacket, encodePacket, PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { createMemoryPair } from "@tidings/transport";
import { describe, expect, test } from "vitest";
import { Broker } from "../broker.js";
import { type Scheduler, StreamHost } from "../stream-host.js";
import { BrokerHarness } from "../testing/index.js";

const text = new TextEncoder().encode("text");

/** CONNECT, SUBSCRIBE to "t", PUBLISH to "t" at QoS 1, PINGREQ. */
function conversation(version: ProtocolVersion): number[] {
  const packets: ControlPacket[] = [
    {
      type: PacketType.CONNECT,
      protocolVersion: version,
      cleanStart: true,
      keepAlive: 60,
      clientIdentifier: "c",
      userName: "user",
      will: { topic: "w", payload: text, qos: 0, retain: false },
    },
    {
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 1,
      subscriptions: [{ topicFilter: "t", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
    },
    { type: PacketType.PUBLISH, dup: false, qos: 1, retain: false, topicName: "t", packetIdentifier: 2, payload: text },
    { type: PacketType.PINGREQ },
  ];
  return packets.flatMap((packet) => [...encodePacket(packet, version)]);
}

/** The answers by type; the order of PUBLISH and PUBACK is free. */
const answers = [
  PacketType.CONNACK,
  PacketType.SUBACK,
  PacketType.PUBLISH,
  PacketType.PUBACK,
  PacketType.PINGRESP,
].sort((a, b) => a - b);

describe.each([3, 4, 5] as const)("a stream of bytes, protocol level %i", (protocolVersion) => {
  test("[MQTT-4.2-1] [3.1.1 MQTT-7.1.1-1] may be cut anywhere", () => {
    const input = conversation(protocolVersion);
    for (let size = 1; size <= input.length; size++) {
      const client = new BrokerHarness().open(protocolVersion);
      for (let start = 0; start < input.length; start += size) client.sendBytes(input.slice(start, start + size));
      expect(client.received.map(({ type }) => type).sort((a, b) => a - b)).toEqual(answers);
      expect(client.payloads()).toEqual(["text"]);
    }
  });

  test("[MQTT-4.2-1] [3.1.1 MQTT-7.1.1-1] is all that a broker needs of a transport, the close included", () => {
    const tasks: (() => void)[] = [];
    const scheduler: Scheduler = {
      now: () => 1_700_000_000_000,
      afterTurn: (task) => void tasks.push(task),
      after: () => () => {},
    };
    const run = (): void => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
    };
    const broker = new Broker();
    const host = new StreamHost(broker, scheduler);
    const [near, far] = createMemoryPair({
      schedule: (task) => void tasks.push(task),
      capacityBytes: 7,
      staticReadBuffer: true,
    });
    const bytes: number[] = [];
    let closed = false;
    far.start({
      onBytes: (chunk, start, end) => void bytes.push(...chunk.subarray(start, end)),
      onDrain: () => {},
      onClose: () => {
        closed = true;
      },
    });
    expect(host.accept(near)).toBe(true);
    far.write(Uint8Array.from(conversation(protocolVersion)));
    run();
    expect(bytes[0]).toBe(0x20);
    expect(bytes.slice(-2)).toEqual([0xd0, 0x00]);
    const [client] = [...broker.clients()];
    expect(client.clientIdentifier).toBe("c");
    bytes.length = 0;
    client.disconnect(ReasonCode.AdministrativeAction);
    run();
    expect(bytes).toEqual(protocolVersion === 5 ? [0xe0, 0x01, 0x98] : []);
    expect(closed).toBe(true);
    expect([...broker.clients()]).toEqual([]);
  });
});

test("[3.1.1 MQTT-7.0.0-2] the bytes of the standard alone make a conversation: no extension is asked for or sent", () => {
  const client = new BrokerHarness().open(4);
  // CONNECT, SUBSCRIBE to "a/b" at QoS 2, PUBLISH to "a/b" at QoS 2, PUBREL, PUBREC, PUBCOMP, UNSUBSCRIBE, PINGREQ.
  client.sendBytes([0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x63]);
  client.sendBytes([0x82, 0x08, 0, 1, 0, 3, 0x61, 0x2f, 0x62, 2]);
  client.sendBytes([0x34, 0x08, 0, 3, 0x61, 0x2f, 0x62, 0, 9, 0x21]);
  client.sendBytes([0x62, 0x02, 0, 9]);
  client.sendBytes([0x50, 0x02, 0, 1]).sendBytes([0x70, 0x02, 0, 1]);
  client.sendBytes([0xa2, 0x07, 0, 2, 0, 3, 0x61, 0x2f, 0x62]).sendBytes([0xc0, 0x00]);
  const received = client.received.map((packet) => [...encodePacket(packet, 4)]);
  expect(client.bytes).toEqual(received.flat());
  expect(received.filter(([first]) => first !== 0x34)).toEqual([
    [0x20, 0x02, 0x00, 0x00],
    [0x90, 0x03, 0x00, 0x01, 0x02],
    [0x50, 0x02, 0x00, 0x09],
    [0x70, 0x02, 0x00, 0x09],
    [0x62, 0x02, 0x00, 0x01],
    [0xb0, 0x02, 0x00, 0x02],
    [0xd0, 0x00],
  ]);
  expect(client.messages()).toMatchObject([{ topicName: "a/b", qos: 2, packetIdentifier: 1 }]);
});
