import { describe, expect, test } from "vitest";
import { JsonMembers, parseJsonNode, writeJson, writePrettyJson } from "./json-text.js";

describe("numbers are written as mosquitto_sub writes them", () => {
  test.each([
    ["1e16", "1e+16"],
    ["123456789012345678", "1.2345678901234568e+17"],
    ["0.1", "0.1"],
    ["1e5", "100000"],
    ["-0", "-0"],
    ["1e-7", "1e-07"],
    ["0.30000000000000004", "0.3"],
    ["12.50", "12.5"],
    ["3.0e0", "3"],
    ["1e400", "null"],
    ["2147483648", "2147483648"],
    ["-2147483649.5", "-2147483649.5"],
    ["0.0001", "0.0001"],
    ["0.00001", "1e-05"],
    ["-1.5e300", "-1.5e+300"],
  ])("%s", (text, expected) => {
    expect(writeJson(parseJsonNode(text)!)).toBe(expected);
  });
});

test("keys keep their order and their repeats", () => {
  expect(writeJson(parseJsonNode('{"b":1, "1":[true,null , {}],"b": "\\u00e9\\/" }')!)).toBe(
    '{"b":1,"1":[true,null,{}],"b":"é/"}',
  );
});

test("what is not JSON", () => {
  for (const text of ["", "1 x", '{"a"', "plain", "\ufeff1"]) expect(parseJsonNode(text)).toBeUndefined();
});

test("pretty", () => {
  const node = new JsonMembers().add("topic", "f/x").add("payload", parseJsonNode('{"a":[1,{"b":2}],"e":{},"l":[]}')!);
  expect(writePrettyJson(node)).toBe(
    '{\n\t"topic":\t"f/x",\n\t"payload":\t{\n\t\t"a":\t[1, {\n\t\t\t\t"b":\t2\n\t\t\t}],\n\t\t"e":\t{\n\t\t},\n\t\t"l":\t[]\n\t}\n}',
  );
});
