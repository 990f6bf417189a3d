/** Command lines as MQTTX's manual writes them, and options in files. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandWords } from "./command-words.js";
import { createProgram } from "./program.js";

const program = createProgram(async () => {});
const words = (line: string[]): string[] => commandWords(program, line);

describe("MQTTX's names", () => {
  test.each<[string[], string[]]>([
    [
      ["pub", "-t", "a", "-m", "-up", "-up", "a: b", "c=d:e", "-ct", "text/x", "-pf", "-e", "60"],
      [
        ...["pub", "-t", "a", "-m", "-up", "--user-property", "a=b", "--user-property", "c=d:e"],
        ...["--content-type", "text/x", "--payload-format-indicator", "1", "--message-expiry-interval", "60"],
      ],
    ],
    [
      ["pub", "-ta", "3", "-rt", "r", "-cd", "c", "-lm", "--format", "cbor", "--file-read=x=y"],
      [
        ...["pub", "--topic-alias", "3", "--response-topic", "r", "--correlation-data", "c", "--stdin-line"],
        ...["--encode", "cbor", "--file", "x=y"],
      ],
    ],
    [
      ["pub", "-h", "-rh", "-f", "-ct", "--message=-ct"],
      ["pub", "-h", "-rh", "-f", "-ct", "--message=-ct"],
    ],
    [
      ["sub", "-nl", "-rap", "-rh", "2", "-si", "7", "-f", "hex", "--output-mode", "clean", "-Cup", "a: b"],
      [
        ...["sub", "--no-local", "--retain-as-published", "--retain-handling", "2", "--subscription-identifier", "7"],
        ...["--decode", "hex", "--json", "--connect-user-property", "a=b"],
      ],
    ],
    [
      ["conn", "-Wt", "w", "-Wm", "gone", "-Wq", "1", "-Wr", "-Wd", "5", "-Wpf", "-We", "9", "-Wct", "x", "-Wrt", "r"],
      [
        ...["conn", "--will-topic", "w", "--will-payload", "gone", "--will-qos", "1", "--will-retain"],
        ...["--will-delay-interval", "5", "--will-payload-format-indicator", "1"],
        ...["--will-message-expiry-interval", "9", "--will-content-type", "x", "--will-response-topic", "r"],
      ],
    ],
    [
      ["conn", "-Wcd", "c", "-Wup", "a: b", "-up", "c: d", "-se", "300", "--rcv-max", "5", "-am", "SCRAM-SHA-256"],
      [
        ...["conn", "--will-correlation-data", "c", "--will-user-property", "a=b", "--connect-user-property", "c=d"],
        ...["--session-expiry-interval", "300", "--receive-maximum", "5", "--authentication-method", "SCRAM-SHA-256"],
      ],
    ],
    [
      ["conn", "--hostname", "h", "--mqtt-version", "3.1.1", "--password", "p", "--client-id", "i", "--no-clean"],
      ["conn", "--host", "h", "--protocol-version", "3.1.1", "--pw", "p", "--id", "i", "--disable-clean-session"],
    ],
    [
      ["conn", "-wh", "X-A: 1", "X-B: 2", "-rp", "500", "--maximum-reconnect-times", "3", "--req-response-info"],
      [
        ...["conn", "--header", "X-A=1", "--header", "X-B=2", "--reconnect-delay", "0.5", "--reconnect-attempts", "3"],
        ...["--request-response-information", "1"],
      ],
    ],
    [
      ["conn", "-rp", "0", "--no-req-problem-info"],
      ["conn", "--no-reconnect", "--request-problem-information", "0"],
    ],
    [
      ["simulate", "-sc", "weather", "-im", "500"],
      ["simulate", "--scenario", "weather", "--interval", "0.5"],
    ],
    [
      ["bench", "pub", "-im", "10"],
      ["bench", "pub", "--rate", "100"],
    ],
    [
      ["sub", "-t", "a", "--", "-up"],
      ["sub", "-t", "a", "--", "-up"],
    ],
    [
      ["broker", "-rp", "1"],
      ["broker", "-rp", "1"],
    ],
    [
      ["passwd", "-D", "file", "anna"],
      ["passwd", "-D", "file", "anna"],
    ],
  ])("%j", (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  test.each([
    [["pub", "-Pp", "x"], "Protobuf and Avro are not known here"],
    [["conn", "-ct", "x"], "conn has no -ct."],
    [["pub", "-t", "a", "-up"], "-up: the value is missing."],
    [["conn", "-rp", "soon"], '--reconnect-period is "soon"'],
  ])("%j is refused", (line, message) => {
    expect(() => words(line)).toThrow(message);
  });
});

describe("options in a file", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tidings-options-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("are saved without secrets, by command, and loaded before what is said", () => {
    const path = join(folder, "options.json");
    const sub = ["sub", "-t", "a/#", "-t", "b", "-q", "1", "-v", "-u", "anna", "-P", "secret", "--no-newline"];
    expect(words([...sub, "-so", path])).toEqual(sub);
    words(["pub", "--save-options", path, "-D", "publish", "content-type", "x", "--topic=t=1"]);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      sub: { topic: ["a/#", "b"], qos: "1", verbose: true, username: "anna", "no-newline": true },
      pub: { property: '["publish","content-type","x"]', topic: "t=1" },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(words(["sub", "-q", "2", "-lo", path])).toEqual([
      ...["sub", "--topic=a/#", "--topic=b", "--qos=1", "--verbose", "--username=anna", "--no-newline", "-q", "2"],
    ]);
    expect(words(["pub", "--load-options", path, "-m", "x"])).toEqual([
      ...["pub", '--property=["publish","content-type","x"]', "--topic=t=1", "-m", "x"],
    ]);
    expect(() => words(["rr", "-lo", path])).toThrow("has nothing for rr.");
  });

  test("that cannot be read are named", () => {
    const path = join(folder, "broken.json");
    expect(() => words(["sub", "--load-options", path])).toThrow(
      `Cannot read ${path} (--load-options): no such file or directory.`,
    );
    writeFileSync(path, "[]");
    expect(() => words(["sub", "--load-options", path])).toThrow("is not JSON with an object for each command.");
    expect(() => words(["sub", "--save-options", path])).toThrow("is not JSON with an object for each command.");
    expect(() => words(["sub", "--save-options", join(folder, "no/such")])).toThrow("Cannot write ");
  });
});
