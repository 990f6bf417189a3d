/** Checks of how the server answers what is wrong: with the right Reason Code, and without letting it pass. */
import { encodePacket, PacketType, type ProtocolVersion } from "@tidings/packet";
import { reasonHex } from "../reason-text.js";
import { type Check, type CheckBench, departs, info, unclear, type Verdict, yes } from "./check.js";
import { connectPacket, type ProbeConnection } from "./probe-connection.js";

export function errorChecks(version: ProtocolVersion): Check[] {
  const group = version === 5 ? "Errors, 5.0" : "Errors, 3.1.1";
  const check = (name: string, rule: string, run: Check["run"]): Check => ({ group, name, rule, run });
  /** Bytes that must end the connection; 5.0 servers may say why with one of these codes. */
  const ends = (
    name: string,
    rule: string,
    codes: number[],
    send: (connection: ProbeConnection, bench: CheckBench) => void,
  ) =>
    check(name, rule, async (bench) => {
      const connection = await bench.connect(version);
      send(connection, bench);
      return endedWith(connection, codes);
    });
  const both: Check[] = [
    check("a packet before CONNECT", "MQTT-3.1.0-1", async (bench) => {
      const connection = await bench.open(version);
      connection.sendBytes(Uint8Array.of(0xc0, 0));
      const end = await connection.end();
      return end === undefined ? departs("the connection stays open") : yes();
    }),
    check("an unknown protocol version", "MQTT-3.1.2-2", unknownVersion),
    ends("a second CONNECT", "MQTT-3.1.0-2", [0x82], (connection) =>
      connection.send(connectPacket(version, "second-connect")),
    ),
    ends("a wildcard in a topic", "MQTT-3.3.2-2", [0x81, 0x82, 0x90], (connection) =>
      // The encoder refuses wildcards.
      connection.sendBytes(publishBytes(version, "a/+")),
    ),
    ends("QoS 3", "MQTT-3.3.1-4", [0x81, 0x82], (connection) => {
      const bytes = encodePacket(connection.publishPacket("a", "x", { qos: 2 }), version);
      bytes[0] |= 0x06;
      connection.sendBytes(bytes);
    }),
    ends("reserved flags", "MQTT-2.1.3-1", [0x81, 0x82], (connection) => connection.sendBytes(Uint8Array.of(0xc1, 0))),
    ends("malformed UTF-8", "MQTT-1.5.4-1", [0x81, 0x82, 0x90], (connection) =>
      connection.sendBytes(publishBytes(version, Uint8Array.of(0xed, 0xa0, 0x80))),
    ),
    ends("SUBSCRIBE without filters", "MQTT-3.8.3-2", [0x81, 0x82], (connection) =>
      connection.sendBytes(Uint8Array.of(0x82, version === 5 ? 3 : 2, 0, 9, ...(version === 5 ? [0] : []))),
    ),
    check("an invalid filter", "MQTT-4.7.1-1", (bench) => invalidFilter(bench, version)),
    check("PUBREL for an unknown message", "4.3.3", (bench) => unknownRelease(bench, version)),
  ];
  if (version < 5) return both;
  return [
    ...both,
    ends("Topic Alias 0", "MQTT-3.3.2-8", [0x94, 0x82, 0x81], (connection) =>
      connection.sendBytes(Uint8Array.of(0x30, 7, 0, 1, 0x61, 3, 0x23, 0, 0)),
    ),
    ends("a Topic Alias over the maximum", "MQTT-3.3.2-9", [0x94, 0x82], (connection, bench) => {
      const maximum = bench.connack.properties?.topicAliasMaximum ?? 0;
      connection.send(
        connection.publishPacket("a", "x", { properties: { topicAlias: Math.min(maximum + 1, 65_535) } }),
      );
    }),
    ends("an unknown Topic Alias", "3.3.2.3.4", [0x82, 0x94], (connection) =>
      connection.send(connection.publishPacket("", "x", { properties: { topicAlias: 1 } })),
    ),
    ends("a property twice", "2.2.2.2", [0x82, 0x81], (connection) =>
      connection.sendBytes(Uint8Array.of(0x30, 8, 0, 1, 0x61, 4, 1, 0, 1, 0)),
    ),
    ends("Subscription Identifier 0", "3.8.2.1.2", [0x82, 0x81], (connection) =>
      connection.sendBytes(Uint8Array.of(0x82, 9, 0, 9, 2, 0x0b, 0, 0, 1, 0x61, 0)),
    ),
    ends("No Local with a shared subscription", "MQTT-3.8.3-4", [0x82], (connection) => {
      const filter = new TextEncoder().encode("$share/g/a");
      connection.sendBytes(Uint8Array.of(0x82, 6 + filter.length, 0, 9, 0, 0, filter.length, ...filter, 0x04));
    }),
    check("UNSUBSCRIBE of nothing", "3.11.3", unknownUnsubscribe),
    check("a message for nobody", "3.4.2.1", forNobody),
    check("an unknown authentication method", "MQTT-4.12.0-1", unknownMethod),
    check("a session expiry raised from 0", "3.14.2.2.2", raisedExpiry),
  ];
}

async function endedWith(connection: ProbeConnection, codes: readonly number[]): Promise<Verdict> {
  const end = await connection.end();
  connection.cut();
  if (end === undefined) return departs("the connection stays open");
  if (end.reasonCode === undefined) return yes(connection.version === 5 ? "closed without a DISCONNECT" : "");
  if (codes.includes(end.reasonCode)) return yes(reasonHex(end.reasonCode));
  return departs(`DISCONNECT ${reasonHex(end.reasonCode)} instead of ${codes.map(reasonHex).join(" or ")}`);
}

async function unknownVersion(bench: CheckBench): Promise<Verdict> {
  const connection = await bench.open(4);
  connection.sendBytes(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 60, 0, 1, 0x61));
  const code = await connection.connackCode();
  const end = await connection.end().catch(() => ({ reasonCode: undefined }));
  connection.cut();
  if (code === 0) return departs("version 9 was accepted");
  if (end === undefined && code === undefined) return departs("the connection stays open");
  return yes(code === undefined ? "closed without a CONNACK" : `CONNACK ${reasonHex(code)}`);
}

async function invalidFilter(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const connection = await bench.connect(version);
  const filter = [...new TextEncoder().encode("a/#/b")];
  const body = [0, 9, ...(version === 5 ? [0] : []), 0, filter.length, ...filter, 0];
  connection.sendBytes(Uint8Array.of(0x82, body.length, ...body));
  const suback = await connection.nextOrNothing(PacketType.SUBACK);
  if (suback === undefined) return endedWith(connection, [0x8f, 0x81, 0x82]);
  connection.disconnect();
  const [code] = suback.reasonCodes;
  return code >= 0x80 ? yes(`SUBACK ${reasonHex(code)}`) : departs(`a/#/b was granted QoS ${code}`);
}

async function unknownRelease(bench: CheckBench, version: ProtocolVersion): Promise<Verdict> {
  const connection = await bench.connect(version);
  connection.send({ type: PacketType.PUBREL, packetIdentifier: 4711, reasonCode: 0 });
  const { reasonCode } = await connection.next(PacketType.PUBCOMP);
  connection.disconnect();
  if (version < 5) return yes();
  return reasonCode === 0x92 ? yes("0x92") : info(`PUBCOMP ${reasonHex(reasonCode)}; 0x92 says it better`);
}

async function unknownUnsubscribe(bench: CheckBench): Promise<Verdict> {
  const connection = await bench.connect(5);
  connection.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters: [bench.topic("nothing")] });
  const { reasonCodes } = await connection.next(PacketType.UNSUBACK);
  connection.disconnect();
  return reasonCodes[0] === 0x11 ? yes("0x11") : departs(`UNSUBACK ${reasonHex(reasonCodes[0] ?? 0)} instead of 0x11`);
}

async function forNobody(bench: CheckBench): Promise<Verdict> {
  const connection = await bench.connect(5);
  const code = await connection.publish(bench.topic("nobody"), "x", { qos: 1 });
  connection.disconnect();
  return code === 0x10 ? yes("PUBACK 0x10") : info(`PUBACK ${reasonHex(code)}; 0x10 may be left out`);
}

async function unknownMethod(bench: CheckBench): Promise<Verdict> {
  const connection = await bench.open(5);
  connection.send(
    connectPacket(5, bench.clientIdentifier("method"), {
      properties: { authenticationMethod: "no-such-method", authenticationData: Uint8Array.of(1) },
    }),
  );
  const connack = await connection.nextOrNothing(PacketType.CONNACK);
  const end = await connection.end(connack === undefined ? undefined : 500);
  connection.cut();
  if (connack?.reasonCode === 0) return departs("it was accepted");
  if (connack === undefined) return end === undefined ? departs("no answer") : yes("closed without a CONNACK");
  const { reasonCode } = connack;
  return [0x8c, 0x87, 0x86].includes(reasonCode)
    ? yes(reasonHex(reasonCode))
    : info(`CONNACK ${reasonHex(reasonCode)}`);
}

async function raisedExpiry(bench: CheckBench): Promise<Verdict> {
  const topic = bench.topic("raised");
  const subscriber = await bench.connect(5);
  await subscriber.subscribe(topic);
  const connection = await bench.connect(5, {
    will: { topic, payload: new TextEncoder().encode("gone"), qos: 0, retain: false },
  });
  connection.send({ type: PacketType.DISCONNECT, reasonCode: 0, properties: { sessionExpiryInterval: 60 } });
  const end = await connection.end();
  connection.cut();
  const wills = await subscriber.messagesSoFar();
  subscriber.disconnect();
  if (end?.reasonCode === 0x82) return yes("0x82");
  if (wills.length > 0) return yes("closed, and the will was published");
  return end === undefined
    ? unclear("it cannot be told from a valid DISCONNECT")
    : departs("it was taken for a valid DISCONNECT");
}

/** A QoS 0 PUBLISH with a topic that the encoder would refuse. */
function publishBytes(version: ProtocolVersion, topic: string | Uint8Array): Uint8Array {
  const name = typeof topic === "string" ? new TextEncoder().encode(topic) : topic;
  const body = [0, name.length, ...name, ...(version === 5 ? [0] : []), 0x78];
  return Uint8Array.of(0x30, body.length, ...body);
}
