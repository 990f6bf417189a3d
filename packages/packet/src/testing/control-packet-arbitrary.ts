/**
 * fast-check arbitraries for every Control Packet that a version can carry: all of them encode, and decode to what they
 * were. fast-check is given as an argument, so that this package does not depend on it.
 */
import type * as fastCheck from "fast-check";
import type { ControlPacket, PublishPacket, SubscriptionRequest, Will } from "../control-packet.js";
import { PacketType, type ProtocolVersion, type QoS } from "../packet-type.js";
import { REASON_CODES_BY_PACKET } from "../reason-code-table.js";
import { PropertyArbitraries } from "./property-arbitrary.js";

/** The fast-check module: `import * as fc from "fast-check"`. */
export type FastCheck = typeof fastCheck;
type Arbitrary<T> = fastCheck.Arbitrary<T>;

/** Any Control Packet of `version`, or of the one `type`. AUTH only with version 5. */
export function controlPacket(fc: FastCheck, version: ProtocolVersion, type?: PacketType): Arbitrary<ControlPacket> {
  const arbitraries = new ControlPacketArbitraries(fc, version);
  if (type !== undefined) return arbitraries.of(type);
  const types = Object.values(PacketType).filter((value) => value !== PacketType.AUTH || version === 5);
  return fc.oneof(...types.map((value) => arbitraries.of(value)));
}

class ControlPacketArbitraries {
  private readonly fc: FastCheck;
  private readonly version: ProtocolVersion;
  private readonly fields: PropertyArbitraries;
  private readonly packetIdentifier: Arbitrary<number>;
  private readonly qos: Arbitrary<QoS>;

  constructor(fc: FastCheck, version: ProtocolVersion) {
    this.fc = fc;
    this.version = version;
    this.fields = new PropertyArbitraries(fc);
    this.packetIdentifier = fc.integer({ min: 1, max: 65_535 });
    this.qos = fc.constantFrom<QoS>(0, 1, 2);
  }

  of(type: PacketType): Arbitrary<ControlPacket> {
    const { fc, packetIdentifier } = this;
    switch (type) {
      case PacketType.CONNECT:
        return this.connect();
      case PacketType.CONNACK:
        return this.connack();
      case PacketType.PUBLISH:
        return this.publish();
      case PacketType.PUBACK:
      case PacketType.PUBREC:
      case PacketType.PUBREL:
      case PacketType.PUBCOMP:
        return this.withProperties(
          { type: fc.constant(type), packetIdentifier, reasonCode: this.reasonCode(type) },
          1 << type,
        );
      case PacketType.SUBSCRIBE:
        return this.withProperties(
          {
            type: fc.constant(type),
            packetIdentifier,
            subscriptions: fc.array(this.subscription(), { minLength: 1, maxLength: 4 }),
          },
          1 << type,
        );
      case PacketType.SUBACK:
      case PacketType.UNSUBACK:
        return this.withProperties(
          { type: fc.constant(type), packetIdentifier, reasonCodes: this.reasonCodes(type) },
          1 << type,
        );
      case PacketType.UNSUBSCRIBE:
        return this.withProperties(
          {
            type: fc.constant(type),
            packetIdentifier,
            topicFilters: fc.array(this.topicFilter(), { minLength: 1, maxLength: 4 }),
          },
          1 << type,
        );
      case PacketType.PINGREQ:
      case PacketType.PINGRESP:
        return fc.constant({ type });
      case PacketType.DISCONNECT:
        return this.withProperties({ type: fc.constant(type), reasonCode: this.reasonCode(type) }, 1 << type);
      case PacketType.AUTH:
        return fc.record({
          type: fc.constant(type),
          reasonCode: this.reasonCode(type),
          properties: this.fields.properties(1 << type, ["authenticationMethod"]),
        });
    }
  }

  private connect(): Arbitrary<ControlPacket> {
    const { fc, fields, version } = this;
    const packet = this.withProperties(
      {
        type: fc.constant(PacketType.CONNECT),
        protocolVersion: fc.constant(version),
        cleanStart: fc.boolean(),
        keepAlive: fc.integer({ min: 0, max: 65_535 }),
        clientIdentifier: fields.string(),
      },
      1 << PacketType.CONNECT,
    );
    const more = fc.record(
      { will: this.will(), userName: fields.string(), password: fields.binary() },
      { requiredKeys: [] },
    );
    return fc.tuple(packet, more, fc.boolean()).map(([base, extra, bridge]) => {
      const { password, ...rest } = extra;
      const mayHavePassword = version === 5 || extra.userName !== undefined;
      return {
        ...base,
        ...rest,
        ...(password !== undefined && mayHavePassword ? { password } : {}),
        ...(bridge && version !== 5 ? { bridge } : {}),
      } as ControlPacket;
    });
  }

  private will(): Arbitrary<Will> {
    const { fc, fields, qos } = this;
    const required = { topic: this.topicName(), payload: fields.binary(), qos, retain: fc.boolean() };
    return this.withProperties(required, 1) as Arbitrary<never>;
  }

  private connack(): Arbitrary<ControlPacket> {
    const type = PacketType.CONNACK;
    const { fc, version } = this;
    const reasonCode = version === 5 ? this.reasonCode(type) : fc.integer({ min: 0, max: 5 });
    return this.withProperties({ type: fc.constant(type), sessionPresent: fc.boolean(), reasonCode }, 1 << type).map(
      (packet) => {
        if (packet.type !== type) return packet;
        return { ...packet, sessionPresent: packet.sessionPresent && packet.reasonCode === 0 && version !== 3 };
      },
    );
  }

  private publish(): Arbitrary<ControlPacket> {
    const { fc } = this;
    const type = PacketType.PUBLISH;
    const fields = {
      type: fc.constant(type),
      dup: fc.boolean(),
      qos: this.qos,
      retain: fc.boolean(),
      topicName: this.topicName(),
      payload: fc.uint8Array({ maxLength: 300 }),
    };
    return fc
      .tuple(this.withProperties(fields, 1 << type) as Arbitrary<PublishPacket>, this.packetIdentifier, fc.boolean())
      .map(([packet, packetIdentifier, aliased]) => ({
        ...packet,
        dup: packet.dup && packet.qos > 0,
        topicName: aliased && packet.properties?.topicAlias !== undefined ? "" : packet.topicName,
        ...(packet.qos > 0 ? { packetIdentifier } : {}),
      }));
  }

  private subscription(): Arbitrary<SubscriptionRequest> {
    const { fc, qos } = this;
    const topicFilter = this.topicFilter();
    if (this.version !== 5) {
      return qos.chain((value) =>
        topicFilter.map((filter) => ({
          topicFilter: filter,
          qos: value,
          noLocal: false,
          retainAsPublished: false,
          retainHandling: 0,
        })),
      );
    }
    return fc
      .record({
        topicFilter,
        qos,
        noLocal: fc.boolean(),
        retainAsPublished: fc.boolean(),
        retainHandling: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      })
      .map((request) => ({ ...request, noLocal: request.noLocal && !request.topicFilter.startsWith("$share/") }));
  }

  private topicName(): Arbitrary<string> {
    return this.fields.topicName();
  }

  private topicFilter(): Arbitrary<string> {
    const { fc, fields } = this;
    return fc.oneof(
      fields.string().filter((text) => text !== ""),
      fc.constantFrom("#", "+/a", "a/+/b", "$share/g/t", "/"),
    );
  }

  private reasonCode(type: PacketType): Arbitrary<number> {
    return this.version === 5 ? this.fc.constantFrom(...REASON_CODES_BY_PACKET.get(type)!) : this.fc.constant(0);
  }

  private reasonCodes(type: PacketType): Arbitrary<number[]> {
    const { fc, version } = this;
    if (type === PacketType.UNSUBACK && version !== 5) return fc.constant([]);
    const before = version === 4 ? [0, 1, 2, 0x80] : [0, 1, 2];
    const code = version === 5 ? this.reasonCode(type) : fc.constantFrom(...before);
    return fc.array(code, { minLength: 1, maxLength: 4 });
  }

  /** The record, in 5.0 half of the time with properties of those that `packetBit` may carry. */
  private withProperties(fields: Record<string, Arbitrary<unknown>>, packetBit: number): Arbitrary<ControlPacket> {
    const { fc } = this;
    const record = fc.record(fields) as unknown as Arbitrary<ControlPacket>;
    if (this.version !== 5) return record;
    return fc
      .tuple(record, fc.option(this.fields.properties(packetBit, []), { nil: undefined }))
      .map(([packet, properties]) =>
        properties === undefined || Object.keys(properties).length === 0
          ? packet
          : ({ ...packet, properties } as ControlPacket),
      );
  }
}
