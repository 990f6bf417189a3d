import { describe, expect, test } from "vitest";
import { formatMessage, parseMessageFormat } from "./message-format.js";
import type { ReceivedMessage } from "./received-message.js";

const receivedAt = { date: new Date(2026, 10, 21, 6, 16, 20), nanoseconds: 718_260_999 };
const plain: ReceivedMessage = {
  topic: "f/x",
  payload: new TextEncoder().encode("abc"),
  qos: 0,
  retain: false,
  receivedAt,
};
const rich: ReceivedMessage = {
  ...plain,
  payload: new TextEncoder().encode('{"a":1, "b":"x y"}'),
  qos: 1,
  packetIdentifier: 1,
  properties: {
    subscriptionIdentifiers: [7],
    contentType: "text/plain",
    correlationData: new TextEncoder().encode("c0rr"),
    payloadFormatIndicator: 1,
    responseTopic: "r/t",
    userProperties: [
      ["a", "b"],
      ["c", "d"],
    ],
    messageExpiryInterval: 100,
  },
};

const format = (text: string, message: ReceivedMessage): string =>
  formatMessage(parseMessageFormat(text), message, (error) => {
    throw error;
  }).toString("latin1");

describe("every sequence, as the real mosquitto_sub printed it", () => {
  test.each([
    ["%%|%5%|", "%|%|"],
    ["%A|%5A|", "|     |"],
    ["%C|%D|%E|%F|%P|%R|%S", "text/plain|c0rr|100|1|a:b c:d|r/t|7"],
    ["%10C|%10D|%4E|%F|%3S|", "text/plain|c0rr| 100|1|  7|"],
    ["%l|%m|%q|%r|%t", "18|1|1|0|f/x"],
    ["%5l|%-5l|%05l|%3q|%5.1l|", "   18|18   |00018|1|   18|"],
    ["%10t|%-10t|%010t|%12.3t|%-12.3t|", "       f/x|f/x       |       f/x|         f/x|f/x         |"],
    ["%.2t|", "f/|"],
    ["%p", '{"a":1, "b":"x y"}'],
    ["%10p|%-10p|%.2p|%10.2p|", '{"a":1, "b|{"a":1, "b|{"a":1, "b":"x y"}|{"a":1, "b|'],
    ["%x|%X", "7b2261223a312c202262223a22782079227d|7B2261223A312C202262223A22782079227D"],
    ["%10.2x|%5.3X|%4x|%8x|%2x|%1x|", "7b2261223a| 7B22|7b22|7b226122|7b| |"],
    ["\\\\\\t|\\n|\\r|\\a|\\e|\\0|\\v", "\\\t|\n|\r|\x07|\x1b|\0|\v"],
    ["@Y-@m-@d @H:@M:@S @@ @N @i", "2026-11-21 06:16:20 @ 718260999 %i"],
    ["%.12I|%I", /^2026-11-21T0\|2026-11-21T06:16:20[+-]\d{4}$/],
    ["%30I", /^ {6}2026-11-21T06:16:20[+-]\d{4}$/],
    ["%20U", /^\d+\.718260999$/],
  ])("%j", (text, expected) => {
    const printed = format(text, rich);
    if (typeof expected === "string") expect(printed).toBe(expected);
    else expect(printed).toMatch(expected);
  });

  test.each([
    ["%20p|%-20p|%020p|", "                 abc|abc                 |00000000000000000abc|"],
    ["%-6x|%020x|%20x|%x|", `61    |${"0".repeat(18)}61|${" ".repeat(18)}61|616263|`],
    ["%05S|%5S|%5E|%-5E|%5R|", "00000|     |     |     ||"],
    ["%m|%05m|%-5m|", "0|00000|0    |"],
    ["%A|%C|%D|%E|%F|%P|%R|%S|", "||||||||"],
  ])("%j without properties", (text, expected) => {
    expect(format(text, plain)).toBe(expected);
  });
});

describe("JSON", () => {
  test("with everything", () => {
    expect(format("%J", rich)).toMatch(/^\{"tst":"2026-11-21T06:16:20\.718260Z[+-]\d{4}","topic":"f\/x",/);
    expect(format("%J", rich)).toContain(
      '"qos":1,"retain":0,"payloadlen":18,"mid":1,"properties":{"subscription-identifier":7,"content-type":"text/plain",' +
        '"correlation-data":"c0rr","payload-format-indicator":1,"response-topic":"r/t","user-properties":{"a":"b","c":"d"},' +
        '"message-expiry-interval":100},"payload":{"a":1,"b":"x y"}}',
    );
    expect(format("%j", rich)).toContain('"payload":"{\\"a\\":1, \\"b\\":\\"x y\\"}"}');
  });

  test("without payload, and with one that is no JSON", () => {
    expect(format("%J", { ...plain, payload: new Uint8Array() })).toContain('"payloadlen":0,"payload":null}');
    expect(() => format("%J", plain)).toThrow("Error: Message payload is not valid JSON on topic f/x.");
  });
});

test("what cannot be written is left out", () => {
  const problems: string[] = [];
  const written = formatMessage(parseMessageFormat("%t %J %q"), plain, ({ message }) => problems.push(message));
  expect(written.toString()).toBe("f/x  0");
  expect(problems).toEqual(["Error: Message payload is not valid JSON on topic f/x."]);
});

test("bytes stay bytes", () => {
  const payload = Uint8Array.of(0xff, 0xfe, 0, 0x61);
  expect(formatMessage(parseMessageFormat("<%p>"), { ...plain, payload }, () => {})).toEqual(
    Buffer.from([0x3c, 0xff, 0xfe, 0, 0x61, 0x3e]),
  );
});

test.each([
  ["%", "Error: Incomplete format specifier."],
  ["%5", "Error: Incomplete format specifier."],
  ["%-", "Error: Incomplete format specifier."],
  ["%5.", "Error: Incomplete format specifier."],
  ["@", "Error: Incomplete format specifier."],
  ["%z", "Error: Invalid format specifier 'z'."],
  ["%0-5l", "Error: Invalid format specifier '-'."],
  ["\\z", "Error: Invalid escape specifier 'z'."],
])("%j is refused", (text, reason) => {
  expect(() => parseMessageFormat(text)).toThrow(reason);
});
