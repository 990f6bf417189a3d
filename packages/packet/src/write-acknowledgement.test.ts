import { expect, it } from "vitest";
import { PacketType } from "./packet-type.js";
import { writeAcknowledgement } from "./write-acknowledgement.js";
import { writePacket } from "./write-packet.js";

const types = [PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP] as const;

it("[MQTT-2.1.3-1] [3.1.1 MQTT-2.2.2-1] [MQTT-3.6.1-1] [3.1.1 MQTT-3.6.1-1] writes four bytes with the right flags", () => {
  const bytes = types.map((type) => {
    const target = new Uint8Array(6).fill(0xee);
    expect(writeAcknowledgement(type, 0x1234, target, 1)).toBe(5);
    return [...target];
  });
  expect(bytes).toEqual([
    [0xee, 0x40, 2, 0x12, 0x34, 0xee],
    [0xee, 0x50, 2, 0x12, 0x34, 0xee],
    [0xee, 0x62, 2, 0x12, 0x34, 0xee],
    [0xee, 0x70, 2, 0x12, 0x34, 0xee],
  ]);
});

it("writes what writePacket writes for Success, in every version", () => {
  for (const type of types) {
    for (const packetIdentifier of [1, 255, 256, 65_535]) {
      const expected = new Uint8Array(4);
      const target = new Uint8Array(4);
      writeAcknowledgement(type, packetIdentifier, target, 0);
      for (const version of [3, 4, 5] as const) {
        writePacket({ type, packetIdentifier, reasonCode: 0 }, version, expected, 0);
        expect(target).toEqual(expected);
      }
    }
  }
});
