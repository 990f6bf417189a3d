/**
 * Parts broken on purpose, in ways that have been seen in the field: a simulation that does not find them proves nothing.
 */
import { type ControlPacket, encodePacket, PacketType } from "@tidings/packet";
import type { KeyValueSessionStore } from "@tidings/store-lmdb";
import type { Sabotage } from "./simulation.js";

/** Everything counts as durable as soon as it is told, and is written a second later. */
export function promisesNothing(): Sabotage {
  return { store: { gatherMs: 1000 } };
}

/** The disk says "done" when the operating system has the bytes, and the power goes. */
export function flushesLater(): Sabotage {
  return { diskDurability: "write", flushMsMax: 1000 };
}

/** The disk forgets a row now and then. */
export function losesRows(): Sabotage {
  let count = 0;
  return { diskLoses: () => ++count % 50 === 0 };
}

/** The broker answers at once, whatever the store has made durable. The store itself is as it should be. */
export function acknowledgesEarly(): Sabotage {
  return {
    wrapStore: (store) =>
      new Proxy(store, {
        get: (target, name) => {
          if (name === "currentTicket") return 0;
          const value = Reflect.get(target, name, target) as unknown;
          return typeof value === "function" ? value.bind(target) : value;
        },
        set: (target, name, value) => Reflect.set(target, name, value, target),
      }) as KeyValueSessionStore,
  };
}

/** A client that sends again under another packet identifier. */
export function renumbersWhatItSendsAgain(): Sabotage {
  const renumbered = (packet: ControlPacket): ControlPacket =>
    packet.type === PacketType.PUBLISH && packet.dup
      ? { ...packet, packetIdentifier: ((packet.packetIdentifier as number) + 10_000) & 0xffff }
      : packet;
  return {
    rewrite: (version, packets) => {
      if (!packets.some((packet) => packet.type === PacketType.PUBLISH && packet.dup)) return undefined;
      return Buffer.concat(packets.map((packet) => encodePacket(renumbered(packet), version)));
    },
  };
}

/** A client that takes a lost PUBREC for an arrival, and goes on with PUBREL. */
export function releasesWithoutPubrec(): Sabotage {
  return {
    rewrite: (version, packets) => {
      const again = packets.filter((packet) => packet.type === PacketType.PUBLISH && packet.dup && packet.qos === 2);
      if (again.length === 0) return undefined;
      const changed = packets.map((packet): ControlPacket => {
        if (packet.type !== PacketType.PUBLISH || !again.includes(packet)) return packet;
        return { type: PacketType.PUBREL, packetIdentifier: packet.packetIdentifier as number, reasonCode: 0 };
      });
      return Buffer.concat(changed.map((packet) => encodePacket(packet, version)));
    },
  };
}
