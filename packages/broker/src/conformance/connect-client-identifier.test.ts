/** The Client Identifier: which ones are taken, which are refused, which are made (section 3.1.3.1). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

describe.each([3, 4, 5] as const)("a Client Identifier, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.1.3-5] [3.1.1 MQTT-3.1.3-5] 1 to 23 letters and digits are accepted", () => {
    const harness = new BrokerHarness({ acceptLongIdentifiers: false });
    const characters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const identifiers = [...characters];
    for (let length = 2; length <= 23; length++) identifiers.push(characters.slice(-length));
    for (const clientIdentifier of identifiers) {
      harness.connected({ protocolVersion, clientIdentifier });
      expect(harness.broker.client(clientIdentifier)?.clientIdentifier).toBe(clientIdentifier);
    }
    expect(harness.broker.sessionCount).toBe(identifiers.length);
  });

  test("more characters, and other ones, are accepted too", () => {
    const harness = new BrokerHarness();
    for (const clientIdentifier of ["x".repeat(24), "x".repeat(512), "-/+#$ ", "ä€😀", "\ufeff"]) {
      harness.connected({ protocolVersion, clientIdentifier });
      expect(harness.broker.client(clientIdentifier)?.isConnected).toBe(true);
    }
  });

  test("[MQTT-3.1.3-8] [3.1.1 MQTT-3.1.3-9] one above clientIdentifierBytesMax is refused, and the connection closed", () => {
    const harness = new BrokerHarness({ clientIdentifierBytesMax: 30 });
    harness.connected({ protocolVersion, clientIdentifier: "€".repeat(10) });
    for (const clientIdentifier of ["x".repeat(31), "€".repeat(11)]) {
      const client = harness.connect({ protocolVersion, clientIdentifier });
      const connack = client.takeFirst(PacketType.CONNACK);
      expect(connack.reasonCode).toBe(protocolVersion === 5 ? ReasonCode.ClientIdentifierNotValid : 2);
      expect(connack.sessionPresent).toBe(false);
      expect(client.isClosed).toBe(true);
    }
    expect(harness.broker.sessionCount).toBe(1);
  });

  test("[MQTT-3.1.3-2] [3.1.1 MQTT-3.1.3-2] it identifies the session, letter by letter", () => {
    const harness = new BrokerHarness();
    const resumable = {
      protocolVersion,
      cleanStart: false,
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    };
    harness
      .connected({ ...resumable, clientIdentifier: "device" })
      .subscribed("t", { qos: 1 })
      .drop();
    const other = harness.connected({ ...resumable, clientIdentifier: "Device" });
    harness.connected().publish("t", "kept", { qos: 1 });
    expect(other.payloads()).toEqual([]);
    const same = harness.connected({ ...resumable, clientIdentifier: "device" });
    expect(same.payloads()).toEqual(["kept"]);
    expect(other.isClosed).toBe(false);
  });
});

describe("an empty Client Identifier, 3.1.1", () => {
  test("[3.1.1 MQTT-3.1.3-8] with CleanSession 0 gets CONNACK 0x02 and the close", () => {
    const harness = new BrokerHarness();
    const client = harness.connect({ protocolVersion: 4, clientIdentifier: "", cleanStart: false });
    expect(client.bytes).toEqual([0x20, 0x02, 0x00, 0x02]);
    expect(client.isClosed).toBe(true);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("[3.1.1 MQTT-3.1.3-6] with CleanSession 1 is replaced by a unique one", () => {
    const harness = new BrokerHarness();
    const first = harness.connected({ protocolVersion: 4, clientIdentifier: "" }).subscribed("t");
    const second = harness.connected({ protocolVersion: 4, clientIdentifier: "" }).subscribed("t");
    const identifiers = [...harness.broker.clients()].map((client) => client.clientIdentifier);
    expect(new Set(identifiers).size).toBe(2);
    expect(identifiers).not.toContain("");
    harness.connected().publish("t", "to both");
    expect([first.payloads(), second.payloads()]).toEqual([["to both"], ["to both"]]);
  });
});

describe("an empty Client Identifier, 5.0", () => {
  test("[MQTT-3.1.3-6] [MQTT-3.2.2-16] is replaced by a unique one, which CONNACK tells", () => {
    const harness = new BrokerHarness();
    const assigned = Array.from({ length: 20 }, () => {
      const client = harness.connect({ clientIdentifier: "" });
      return client.takeFirst(PacketType.CONNACK).properties?.assignedClientIdentifier;
    });
    expect(new Set(assigned).size).toBe(20);
    expect([...harness.broker.clients()].map((client) => client.clientIdentifier)).toEqual(assigned);
  });

  test("[MQTT-3.2.2-16] chance that repeats itself does not give out an identifier that is in use", () => {
    // The same 20 numbers twice, then others.
    let calls = 0;
    const harness = new BrokerHarness({ random: () => (calls++ < 40 ? 0 : 0.5) });
    const first = harness.connect({ clientIdentifier: "", properties: { sessionExpiryInterval: 60 } });
    const { properties } = first.takeFirst(PacketType.CONNACK);
    first.drop();
    const second = harness.connect({ clientIdentifier: "", cleanStart: false });
    const connack = second.takeFirst(PacketType.CONNACK);
    expect(connack.sessionPresent).toBe(false);
    expect(connack.properties?.assignedClientIdentifier).not.toBe(properties?.assignedClientIdentifier);
    expect(harness.broker.sessionCount).toBe(2);
  });

  test("[MQTT-3.1.3-7] the session goes by the assigned one, as if the client had sent it", () => {
    const harness = new BrokerHarness();
    const properties = { sessionExpiryInterval: 60 };
    const client = harness.connect({ clientIdentifier: "", properties });
    const assigned = client.takeFirst(PacketType.CONNACK).properties?.assignedClientIdentifier as string;
    client.subscribed("t", { qos: 1 }).drop();
    harness.connected().publish("t", "kept", { qos: 1 });
    const again = harness.connect({ clientIdentifier: assigned, cleanStart: false, properties });
    const connack = again.takeFirst(PacketType.CONNACK);
    expect(connack.sessionPresent).toBe(true);
    expect(connack.properties?.assignedClientIdentifier).toBeUndefined();
    expect(again.payloads()).toEqual(["kept"]);
  });

  test("the embedder may make it", () => {
    const harness = new BrokerHarness({ assignClientIdentifier: () => "made-by-host" });
    const connack = harness.connect({ clientIdentifier: "" }).takeFirst(PacketType.CONNACK);
    expect(connack.properties?.assignedClientIdentifier).toBe("made-by-host");
    expect(harness.broker.client("made-by-host")?.isConnected).toBe(true);
  });
});

describe("a Client Identifier, 3.1", () => {
  test("an empty one is refused with 0x02, Clean Session or not", () => {
    for (const cleanStart of [true, false]) {
      const client = new BrokerHarness().connect({ protocolVersion: 3, clientIdentifier: "", cleanStart });
      expect(client.bytes).toEqual([0x20, 0x02, 0x00, 0x02]);
      expect(client.isClosed).toBe(true);
    }
  });

  test("more than 23 characters are refused with 0x02 where the embedder wants it so, from 3.1 alone", () => {
    const harness = new BrokerHarness({ acceptLongIdentifiers: false });
    const client = harness.connect({ protocolVersion: 3, clientIdentifier: "x".repeat(24) });
    expect(client.bytes).toEqual([0x20, 0x02, 0x00, 0x02]);
    expect(client.isClosed).toBe(true);
    harness.connected({ protocolVersion: 4, clientIdentifier: "x".repeat(24) });
    harness.connected({ protocolVersion: 5, clientIdentifier: "y".repeat(24) });
    expect(harness.broker.sessionCount).toBe(2);
  });
});
