/** fast-check arbitraries for Topic Names and Topic Filters, small enough an alphabet that the two often meet. */
import * as fc from "fast-check";

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

const ANY_LEVEL = fc
  .string({ unit: "binary", maxLength: 6 })
  .map((text) => [...text].filter((character) => !"\0/+#".includes(character)).join(""));

const LEVEL = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...LEVELS) }, { weight: 1, arbitrary: ANY_LEVEL });

/** Level texts without wildcards and separators, well-formed and possibly empty. */
export function topicLevel(): fc.Arbitrary<string> {
  return LEVEL;
}

export interface TopicArbitraryOptions {
  /** Default 5. */
  levelsMax?: number;
}

/** Well-formed Topic Names. */
export function topicName({ levelsMax = 5 }: TopicArbitraryOptions = {}): fc.Arbitrary<string> {
  return fc
    .array(LEVEL, { minLength: 1, maxLength: levelsMax, size: "max" })
    .map((levels) => levels.join("/"))
    .filter((name) => name !== "");
}

/** Well-formed Topic Filters, none of them shared; about half have a `#`, and a third of the other levels are `+`. */
export function topicFilter({ levelsMax = 5 }: TopicArbitraryOptions = {}): fc.Arbitrary<string> {
  const level = fc.oneof({ weight: 2, arbitrary: LEVEL }, { weight: 1, arbitrary: fc.constant("+") });
  return fc
    .tuple(fc.array(level, { maxLength: levelsMax - 1, size: "max" }), fc.oneof(level, fc.constant("#")))
    .map(([levels, last]) => [...levels, last].join("/"))
    .filter((filter) => filter !== "" && !filter.startsWith("$share/"));
}

/** A filter and a name that it was made from by putting wildcards in, so that most pairs match. */
export function relatedFilterAndName(
  options: TopicArbitraryOptions = {},
): fc.Arbitrary<[filter: string, name: string]> {
  return topicName(options).chain((name) => {
    const levels = name.split("/");
    return fc
      .tuple(fc.array(fc.boolean(), { minLength: levels.length, maxLength: levels.length }), fc.nat(levels.length * 2))
      .map(([plus, cut]): [string, string] => {
        const filter = levels.map((level, index) => (plus[index] ? "+" : level));
        return [(cut < levels.length ? [...filter.slice(0, cut), "#"] : filter).join("/"), name];
      });
  });
}
