/** The pure parts of scripts/conformance.mjs on samples: what counts as naming a statement, and what is complained about. */
import { describe, expect, test } from "vitest";
// @ts-expect-error: plain JavaScript without types, as it runs without a build
import { complaints, namedIn, page, stringLiterals, survey } from "../scripts/conformance.mjs";

const statements = {
  "5.0": [
    { id: "MQTT-1.1.0-1", section: "1.1", side: "server", level: "MUST", says: "Serve" },
    { id: "MQTT-1.1.0-2", section: "1.1.2", side: "both", level: "MUST NOT", says: "Fail | fall" },
    { id: "MQTT-1.2.0-1", section: "1.2", side: "client", level: "MUST", says: "Ask" },
  ],
  "3.1.1": [{ id: "MQTT-1.1.0-1", section: "1.1", side: "server", level: "MUST", says: "Serve" }],
};

const names = (source: string): string[] => namedIn(source).named.map(({ id }: { id: string }) => id);
const texts = (source: string): string[] => [...stringLiterals(source)].map(({ text }) => text);

describe("the literals of a source", () => {
  test("are found behind comments, regular expressions and divisions", () => {
    expect(texts(`// "no"\n/* 'no' */ const a = /["'/]/.test(x) ? "yes" : 4 / 2 / 1; b = 'it\\'s'`)).toEqual([
      "yes",
      "it\\'s",
    ]);
  });

  test("include templates, up to their first expression, and what stands inside it", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the sample
    expect(texts('f(`a ${g({ k: "b" })} c ${`d`}`, "e")')).toEqual(["a ", "b", "d", "e"]);
  });

  test("know their lines", () => {
    const lines = [...stringLiterals('/*\n*/ "a"\n`b\n`; "c"')].map(({ line }) => line);
    expect(lines).toEqual([2, 3, 4]);
  });

  test("that do not end are an error, not a guess", () => {
    expect(() => texts('f("a\n")')).toThrow("line");
    expect(() => texts("f(`a")).toThrow("line");
    expect(() => texts("/* a")).toThrow("line");
  });
});

describe("a statement is named", () => {
  test("by ids that a literal begins with, of both versions", () => {
    expect(names('test("[MQTT-1.1.0-1] [3.1.1 MQTT-1.1.0-1] serves", f); row("[MQTT-4.2-1] x")')).toEqual([
      "MQTT-1.1.0-1",
      "3.1.1 MQTT-1.1.0-1",
      "MQTT-4.2-1",
    ]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the sample
    expect(names("accept(`[MQTT-1.1.0-2] ${title}`)")).toEqual(["MQTT-1.1.0-2"]);
  });

  test("not by comments, not further inside a text, not in brackets of another kind", () => {
    expect(names('// "[MQTT-1.1.0-1] a"\ntest("serves [MQTT-1.1.0-1]"); test("[a] [MQTT-1.1.0-1]")')).toEqual([]);
  });

  test("not by tests that are skipped, to do, or known to fail", () => {
    const idle = ["test.skip(", "it.todo(", "test.fails(", "describe.skip(", "test.fails.each([[1, (2)]])("];
    for (const call of idle) expect(names(`${call}"[MQTT-1.1.0-1] serves", f)`)).toEqual([]);
    expect(names('test.each([1])("[MQTT-1.1.0-1] serves", f)')).toEqual(["MQTT-1.1.0-1"]);
  });

  test("only by ids in their exact form", () => {
    expect(namedIn('f("[MQTT-1.1.0-1][mqtt 5 1.1.0-1] [3.1 MQTT-1.1.0-1] a")')).toEqual({
      named: [{ id: "MQTT-1.1.0-1", line: 1 }],
      unreadable: [
        { id: "mqtt 5 1.1.0-1", line: 1 },
        { id: "3.1 MQTT-1.1.0-1", line: 1 },
      ],
    });
  });
});

describe("the check", () => {
  const good = { path: "packages/broker/src/a.test.ts", source: 'test("[MQTT-1.1.0-1] [3.1.1 MQTT-1.1.0-1] serves")' };
  const rows = { path: "packages/packet/src/testing/rows.ts", source: '\nrow("[MQTT-1.1.0-2] falls")' };
  const asking = { path: "packages/client/src/b.test.ts", source: 'test("[MQTT-1.2.0-1] asks")' };

  test("has nothing to say when each side is named by a test of it and the page is current", () => {
    expect(complaints(survey([good, rows, asking], statements), statements, true)).toEqual([]);
  });

  test("lists what no test names, for each side that it binds", () => {
    expect(complaints(survey([good], statements), statements, true)).toEqual([
      "MQTT 5.0, binding a server and named by no test of it (1):",
      "  [MQTT-1.1.0-2] MUST NOT: Fail | fall",
      "MQTT 5.0, binding a client and named by no test of it (2):",
      "  [MQTT-1.1.0-2] MUST NOT: Fail | fall",
      "  [MQTT-1.2.0-1] MUST: Ask",
    ]);
  });

  test("does not take a test of one side for the other", () => {
    const source = 'test("[MQTT-1.1.0-2] falls"); test("[MQTT-1.2.0-1] asks")';
    const wrong = { path: "packages/broker/src/c.test.ts", source };
    expect(complaints(survey([good, wrong], statements), statements, true)).toEqual([
      "MQTT 5.0, binding a client and named by no test of it (2):",
      "  [MQTT-1.1.0-2] MUST NOT: Fail | fall",
      "  [MQTT-1.2.0-1] MUST: Ask",
    ]);
  });

  test("does not take a statement of one version for that of the other", () => {
    const source = 'test("[MQTT-1.1.0-1] serves")';
    expect(complaints(survey([{ path: "a", source }, rows, asking], statements), statements, true)).toEqual([
      "MQTT 3.1.1, binding a server and named by no test of it (1):",
      "  [3.1.1 MQTT-1.1.0-1] MUST: Serve",
    ]);
  });

  test("lists ids that no standard has, with their places", () => {
    const typing = { path: "tests/b.test.ts", source: '\n\ntest("[MQTT-1.1.0-9] [MQTT_1.1.0-1] serves")' };
    expect(complaints(survey([good, rows, asking, typing], statements), statements, true)).toEqual([
      "Named by a test, but no statement of the standard:",
      "  tests/b.test.ts:3 [MQTT-1.1.0-9]",
      "  tests/b.test.ts:3 [MQTT_1.1.0-1]",
    ]);
  });

  test("accepts what concerns nothing that is built, as long as that is so", () => {
    const notBuilt = [{ statement: "MQTT-1.1.0-2", because: "there is no floor" }];
    expect(complaints(survey([good, asking], statements, notBuilt), statements, true)).toEqual([]);
    expect(page(statements, survey([good, asking], statements, notBuilt))).toContain(
      "| not built: there is no floor |",
    );
    expect(complaints(survey([good, rows, asking], statements, notBuilt), statements, true)).toEqual([
      "Said to concern nothing that is built, but named by a test or unknown:",
      "  [MQTT-1.1.0-2]",
    ]);
    const mistaken = [...notBuilt, { statement: "MQTT-1.1.0-9", because: "" }];
    expect(complaints(survey([good, asking], statements, mistaken), statements, true)).toEqual([
      "Said to concern nothing that is built, but named by a test or unknown:",
      "  [MQTT-1.1.0-9]",
    ]);
  });

  test("tells of a page that is out of date", () => {
    expect(complaints(survey([good, rows, asking], statements), statements, false)).toEqual([
      'docs/conformance.md is out of date: run "pnpm conformance" and commit it.',
    ]);
  });

  test("counts and shows everything on the page", () => {
    const text = page(statements, survey([good, good], statements));
    expect(text).toContain("| 5.0 | server | 2 | 1 | 0 | 1 |\n| 5.0 | client | 2 | 0 | 0 | 2 |");
    expect(text).toContain(
      "| MQTT-1.1.0-1 | server | MUST | Serve | [broker/a.test.ts](../packages/broker/src/a.test.ts) |\n" +
        "| MQTT-1.1.0-2 | both | MUST NOT | Fail \\| fall | **no test** |\n\n### 5.0, section 1.2",
    );
    expect(text).toContain("| MQTT-1.2.0-1 | client | MUST | Ask | **no test** |");
  });
});
