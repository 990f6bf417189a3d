/** fast-check arbitraries for fields and property sections (MQTT 5.0 sections 1.5 and 2.2.2). */
import type * as fastCheck from "fast-check";
import { PacketType } from "../packet-type.js";
import type { Properties } from "../properties.js";
import { PROPERTY_ROWS, type PropertyRow, PropertyType } from "../property-table.js";

type FastCheck = typeof fastCheck;
type Arbitrary<T> = fastCheck.Arbitrary<T>;

export class PropertyArbitraries {
  private readonly fc: FastCheck;

  constructor(fc: FastCheck) {
    this.fc = fc;
  }

  /** Any string that MQTT allows, mostly short, sometimes of several hundred bytes. */
  string(): Arbitrary<string> {
    const { fc } = this;
    const anything = fc.string({ unit: "binary", maxLength: 30 });
    const text = fc.oneof(fc.string({ maxLength: 80 }), anything, fc.string({ unit: "grapheme", maxLength: 100 }));
    return text.map((value) => value.replaceAll("\0", "\ufeff"));
  }

  topicName(): Arbitrary<string> {
    return this.string().map((text) => text.replaceAll(/[+#]/g, "/") || "topic");
  }

  binary(): Arbitrary<Uint8Array> {
    return this.fc.uint8Array({ maxLength: 60 });
  }

  /** Any set of the properties that `packetBit` (as in the property table) may carry, with `required` among them. */
  properties(packetBit: number, required: (keyof Properties)[]): Arbitrary<Properties> {
    const model: Record<string, Arbitrary<unknown>> = {};
    for (const row of PROPERTY_ROWS) {
      if ((row.packets & packetBit) !== 0) model[row.name] = this.value(row, packetBit);
    }
    return this.fc.record(model, { requiredKeys: required }).map((drawn) => {
      const properties = drawn as Properties;
      if (properties.authenticationMethod === undefined) delete properties.authenticationData;
      return properties;
    });
  }

  private value(row: PropertyRow, packetBit: number): Arbitrary<unknown> {
    const { fc } = this;
    const minimum = row.minimum;
    switch (row.type) {
      case PropertyType.FLAG:
        return fc.boolean();
      case PropertyType.BIT:
        return fc.constantFrom(0, 1);
      case PropertyType.UINT16:
        return fc.integer({ min: minimum, max: 0xffff });
      case PropertyType.UINT32:
        return fc.integer({ min: minimum, max: 0xffff_ffff });
      case PropertyType.VARIABLE_BYTE_INTEGERS: {
        const maxLength = packetBit === 1 << PacketType.SUBSCRIBE ? 1 : 4;
        const integer = fc.oneof(
          fc.integer({ min: minimum, max: 200 }),
          fc.integer({ min: minimum, max: 268_435_455 }),
        );
        return fc.array(integer, { minLength: 1, maxLength });
      }
      case PropertyType.STRING:
        return this.string();
      case PropertyType.TOPIC_NAME:
        return this.topicName();
      case PropertyType.BINARY:
        return this.binary();
      case PropertyType.STRING_PAIRS:
        return fc.array(fc.tuple(this.string(), this.string()), { minLength: 1, maxLength: 4 });
    }
  }
}
