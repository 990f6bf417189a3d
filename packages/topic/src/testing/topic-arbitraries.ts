/**
 * fast-check arbitraries for Topic Names and Topic Filters, of so small an alphabet that the two often meet. They are made
 * with the caller's own fast-check, so that this package needs none.
 */
import type * as FastCheck from "fast-check";

/**
 * Levels that a matcher may trip over: empty ones, `$`, object keys, texts that differ only in case or in Unicode
 * normalisation form, U+FEFF, astral characters, and texts long enough for engines to store them differently.
 */
const LEVELS = [
  "",
  "a",
  "b",
  "A",
  "ab",
  "$SYS",
  "$",
  "__proto__",
  "constructor",
  "\u00e9",
  "e\u0301",
  "\ufeffa",
  "\u{1f600}",
  " ",
  "a-level-longer-than-thirteen-characters",
  "a-level-longer-than-thirteen-characterz",
];

export interface TopicArbitraryOptions {
  /** Default 5. */
  levelsMax?: number;
}

export interface TopicArbitraries {
  /** Level texts without wildcards and separators, possibly empty. */
  topicLevel(): FastCheck.Arbitrary<string>;
  /** Well-formed Topic Names. */
  topicName(options?: TopicArbitraryOptions): FastCheck.Arbitrary<string>;
  /** Well-formed Topic Filters, none of them shared; half end with a `#`, and a third of the other levels are `+`. */
  topicFilter(options?: TopicArbitraryOptions): FastCheck.Arbitrary<string>;
  /** A name, and a filter made from it by putting wildcards in, so that nearly all pairs match. */
  relatedFilterAndName(options?: TopicArbitraryOptions): FastCheck.Arbitrary<[filter: string, name: string]>;
}

/** `fc` is the namespace of fast-check 4: `import * as fc from "fast-check"`. */
export function topicArbitraries(fc: typeof FastCheck): TopicArbitraries {
  const anyLevel = fc
    .string({ unit: "binary", maxLength: 6 })
    .map((text) => [...text].filter((character) => !"\0/+#".includes(character)).join(""));
  const level = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...LEVELS) }, { weight: 1, arbitrary: anyLevel });
  const levelOrPlus = fc.oneof({ weight: 2, arbitrary: level }, { weight: 1, arbitrary: fc.constant("+") });

  function topicName({ levelsMax = 5 }: TopicArbitraryOptions = {}): FastCheck.Arbitrary<string> {
    return fc
      .array(level, { minLength: 1, maxLength: levelsMax, size: "max" })
      .map((levels) => levels.join("/"))
      .filter((name) => name !== "");
  }

  function topicFilter({ levelsMax = 5 }: TopicArbitraryOptions = {}): FastCheck.Arbitrary<string> {
    return fc
      .tuple(fc.array(levelOrPlus, { maxLength: levelsMax - 1, size: "max" }), fc.oneof(levelOrPlus, fc.constant("#")))
      .map(([levels, last]) => [...levels, last].join("/"))
      .filter((filter) => filter !== "" && !filter.startsWith("$share/"));
  }

  function relatedFilterAndName(options?: TopicArbitraryOptions): FastCheck.Arbitrary<[string, string]> {
    return topicName(options).chain((name) => {
      const levels = name.split("/");
      return fc
        .tuple(
          fc.array(fc.boolean(), { minLength: levels.length, maxLength: levels.length }),
          fc.nat(levels.length * 2),
        )
        .map(([plus, cut]): [string, string] => {
          const filter = levels.map((each, index) => (plus[index] ? "+" : each));
          return [(cut < levels.length ? [...filter.slice(0, cut), "#"] : filter).join("/"), name];
        });
    });
  }

  return { topicLevel: () => level, topicName, topicFilter, relatedFilterAndName };
}
