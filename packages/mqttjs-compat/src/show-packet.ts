/** Our Control Packets in MQTT.js's form, for `packetsend`, `packetreceive` and the callbacks. */
import { type ControlPacket, PacketType } from "@tidings/packet";
import type { IPublishPacket, IWill, Packet } from "./packets.js";
import { payloadBytes } from "./payload-bytes.js";
import { toTheirs } from "./properties.js";

/** `version` is that of the connection. Bytes are copied. */
export function showPacket(packet: ControlPacket, version: number): Packet {
  const shown = partsOf(packet, version) as unknown as Packet & { properties?: object };
  const properties = "properties" in packet ? toTheirs(packet.properties) : undefined;
  if (properties !== undefined) shown.properties = properties as never;
  return shown;
}

function partsOf(packet: ControlPacket, version: number): { cmd: string } & Record<string, unknown> {
  const isVersion5 = version === 5;
  switch (packet.type) {
    case PacketType.CONNECT: {
      const { clientIdentifier, protocolVersion, cleanStart, keepAlive, userName, password, will } = packet;
      const protocolId = protocolVersion === 3 ? "MQIsdp" : "MQTT";
      return {
        cmd: "connect",
        ...{ protocolId, protocolVersion, clean: cleanStart, keepalive: keepAlive, clientId: clientIdentifier },
        ...(userName === undefined ? {} : { username: userName }),
        ...(password === undefined ? {} : { password: copy(password) }),
        ...(will === undefined
          ? {}
          : { will: { ...will, payload: copy(will.payload), properties: toTheirs(will.properties) } as IWill }),
      };
    }
    case PacketType.CONNACK: {
      const { sessionPresent, reasonCode } = packet;
      return { cmd: "connack", sessionPresent, ...(isVersion5 ? { reasonCode } : { returnCode: reasonCode }) };
    }
    case PacketType.PUBLISH: {
      const { topicName: topic, payload, qos, retain, dup, packetIdentifier } = packet;
      const shown: Omit<IPublishPacket, "properties"> = {
        cmd: "publish",
        topic,
        payload: copy(payload),
        qos,
        retain,
        dup,
      };
      return packetIdentifier === undefined ? { ...shown } : { ...shown, messageId: packetIdentifier };
    }
    case PacketType.PUBACK:
      return acknowledgement("puback", packet, isVersion5);
    case PacketType.PUBREC:
      return acknowledgement("pubrec", packet, isVersion5);
    case PacketType.PUBREL:
      return acknowledgement("pubrel", packet, isVersion5);
    case PacketType.PUBCOMP:
      return acknowledgement("pubcomp", packet, isVersion5);
    case PacketType.SUBSCRIBE: {
      const subscriptions = packet.subscriptions.map(
        ({ topicFilter, qos, noLocal, retainAsPublished, retainHandling }) =>
          isVersion5
            ? { topic: topicFilter, qos, nl: noLocal, rap: retainAsPublished, rh: retainHandling }
            : { topic: topicFilter, qos },
      );
      return { cmd: "subscribe", messageId: packet.packetIdentifier, subscriptions };
    }
    case PacketType.SUBACK:
      return { cmd: "suback", messageId: packet.packetIdentifier, granted: packet.reasonCodes };
    case PacketType.UNSUBSCRIBE:
      return { cmd: "unsubscribe", messageId: packet.packetIdentifier, unsubscriptions: packet.topicFilters };
    case PacketType.UNSUBACK: {
      const shown = { cmd: "unsuback", messageId: packet.packetIdentifier };
      return isVersion5 ? { ...shown, granted: packet.reasonCodes } : shown;
    }
    case PacketType.PINGREQ:
      return { cmd: "pingreq" };
    case PacketType.PINGRESP:
      return { cmd: "pingresp" };
    case PacketType.DISCONNECT:
      return isVersion5 ? { cmd: "disconnect", reasonCode: packet.reasonCode } : { cmd: "disconnect" };
    case PacketType.AUTH:
      return { cmd: "auth", reasonCode: packet.reasonCode };
  }
}

function acknowledgement(cmd: string, packet: { packetIdentifier: number; reasonCode: number }, isVersion5: boolean) {
  const { packetIdentifier: messageId, reasonCode } = packet;
  return isVersion5 ? { cmd, messageId, reasonCode } : { cmd, messageId };
}

function copy(bytes: Uint8Array): Buffer {
  return payloadBytes(new Uint8Array(bytes));
}
