import pico from "picocolors";
import { expect, test } from "vitest";
import { coloredPayload } from "./colored-payload.js";

const colors = pico.createColors(true);
const { blue, green, yellow, magenta, dim } = colors;

test.each([
  ["plain", green("plain")],
  ["21.5", yellow("21.5")],
  ["null", magenta("null")],
  ["<2 bytes: fffe>", dim("<2 bytes: fffe>")],
  [
    '{"a:1": [-1e3, "x\\"2", true], "b" : {}}',
    `{${blue('"a:1"')}: [${yellow("-1e3")}, ${green('"x\\"2"')}, ${magenta("true")}], ${blue('"b"')} : {}}`,
  ],
])("%s", (text, expected) => {
  expect(coloredPayload(text, colors)).toBe(expected);
  expect(coloredPayload(text, pico.createColors(false))).toBe(text);
});
