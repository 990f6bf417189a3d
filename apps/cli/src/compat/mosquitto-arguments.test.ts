import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { MosquittoPub, MosquittoRr, MosquittoSub, MosquittoTool } from "./mosquitto-command.js";
import { MosquittoUsageError } from "./mosquitto-usage-error.js";
import { parseOptionsFile } from "./options-file.js";
import { parseMosquittoArguments } from "./parse-mosquitto-arguments.js";

const parse = (tool: MosquittoTool, line: string) => parseMosquittoArguments(tool, split(line));
const pub = (line: string) => parse("mosquitto_pub", line) as MosquittoPub;
const sub = (line: string) => parse("mosquitto_sub", line) as MosquittoSub;
const rr = (line: string) => parse("mosquitto_rr", line) as MosquittoRr;

/** Words between spaces; '' is an empty one. */
function split(line: string): string[] {
  return line.split(" ").flatMap((word) => (word === "" ? [] : [word === "''" ? "" : word]));
}

/** What the tool would write to stderr. */
function complaint(tool: MosquittoTool, words: readonly string[]): string {
  try {
    parseMosquittoArguments(tool, words);
  } catch (error) {
    if (error instanceof MosquittoUsageError) return error.text(tool);
    throw error;
  }
  return "";
}

describe("mosquitto_pub", () => {
  test("the defaults", () => {
    expect(pub("-t a -m b")).toMatchObject({
      tool: "mosquitto_pub",
      debug: false,
      quiet: false,
      request: {
        topic: "a",
        qos: 0,
        retain: false,
        properties: {},
        source: { kind: "bytes", bytes: new TextEncoder().encode("b") },
        repeat: 1,
        repeatDelayMs: 0,
        inFlightMax: 20,
        connection: {
          scheme: "mqtt",
          host: "localhost",
          port: 1883,
          protocolVersion: 4,
          keepAlive: 60,
          cleanStart: true,
        },
      },
    });
  });

  test("everything", () => {
    const line =
      "-h h -p 1884 -u anna -P pw -i me -k 30 -q 2 -r -V 5 -x 7 -c -M 3 -d --quiet --repeat 4 --repeat-delay 0.5 -s -t x -t y " +
      "--will-topic w --will-payload gone --will-qos 1 --will-retain -D publish user-property a b -D publish content-type c " +
      "-D connect receive-maximum 9 -D will will-delay-interval 3 -D disconnect session-expiry-interval 8";
    expect(pub(line)).toMatchObject({
      debug: true,
      quiet: true,
      request: {
        topic: "y",
        qos: 2,
        retain: true,
        source: { kind: "stdin" },
        repeat: 4,
        repeatDelayMs: 500,
        inFlightMax: 3,
        properties: { userProperties: [["a", "b"]], contentType: "c" },
        connection: {
          host: "h",
          port: 1884,
          username: "anna",
          password: "pw",
          clientIdentifier: "me",
          keepAlive: 30,
          cleanStart: false,
          protocolVersion: 5,
          properties: { sessionExpiryInterval: 7, receiveMaximum: 9 },
          disconnectProperties: { sessionExpiryInterval: 8 },
          will: { topic: "w", qos: 1, retain: true, properties: { willDelayInterval: 3 } },
        },
      },
    });
  });

  test("a property makes it 5.0", () => {
    expect(pub("-t a -n -D publish topic-alias 1").request.connection.protocolVersion).toBe(5);
  });

  test("TLS, Unix sockets, proxies, URLs", () => {
    expect(pub("-t a -n --cafile x --insecure").request.connection).toMatchObject({
      scheme: "mqtts",
      port: 8883,
      tls: { caFile: "x", insecure: "name" },
    });
    expect(pub("-t a -n --unix /s").request.connection).toMatchObject({ scheme: "unix", path: "/s" });
    expect(pub("-t a -n --proxy socks5h://u:p@h:1").request.connection.proxy).toBe("socks5://u:p@h:1");
    expect(pub("-n -L mqtts://u:p:q@h/a/b").request).toMatchObject({
      topic: "a/b",
      connection: { scheme: "mqtts", host: "h", port: 8883, username: "u", password: "p:q" },
    });
    expect(pub("-n -L mqtt://[::1]:5/t").request.connection).toMatchObject({ host: "::1", port: 5 });
  });
});

describe("mosquitto_sub", () => {
  test("everything", () => {
    const line =
      "-t a -t b/# -T b/c -U d -C 3 -W 4 -E -F %p -N -R -v --pretty --random-filter 50 --remove-retained --retain-as-published -q 1 " +
      "-D subscribe subscription-identifier 5 -I pre";
    expect(sub(line)).toMatchObject({
      output: { format: "%p", pretty: true, verbose: true, newline: false },
      request: {
        connection: { protocolVersion: 5, clientIdentifier: `pre${process.pid}` },
        topicFilters: ["a", "b/#"],
        filtersOut: ["b/c"],
        unsubscribeFilters: ["d"],
        qos: 1,
        count: 3,
        timeoutSeconds: 4,
        exitAfterSubscribe: true,
        skipRetained: true,
        removeRetained: true,
        retainAsPublished: true,
        randomFilterPercent: 50,
        properties: { subscriptionIdentifiers: [5] },
      },
    });
  });

  test("a session that is kept never expires in 5.0, unless -x says so", () => {
    const expiry = (line: string) => sub(`-t a -i me ${line}`).request.connection.properties.sessionExpiryInterval;
    expect(expiry("-V 5 -c")).toBe(0xff_ff_ff_ff);
    expect(expiry("-V 5 -c -x 10")).toBe(10);
    expect(expiry("-V 5 -x ∞")).toBe(0xff_ff_ff_ff);
    expect(expiry("-V 5")).toBe(0);
  });

  test("the words of an options file come first", () => {
    const command = parseMosquittoArguments("mosquitto_sub", ["-t", "a", "-q", "2"], ["-q", "1", "-v"]) as MosquittoSub;
    expect(command).toMatchObject({ request: { qos: 2 }, output: { verbose: true } });
  });
});

test("mosquitto_rr", () => {
  expect(rr("-t a -e r -m q -W 2 -R")).toMatchObject({
    topic: "a",
    responseTopic: "r",
    timeoutSeconds: 2,
    skipRetained: true,
    connection: { protocolVersion: 5 },
  });
});

test("an options file has an option on each line", () => {
  expect(parseOptionsFile("# ours\n-h broker.example\n\n-t with a space\r\n-v\n")).toEqual([
    ...["-h", "broker.example", "-t", "with a space", "-v"],
  ]);
});

test("help and version end everything", () => {
  expect(parse("mosquitto_sub", "-t a --help -q 7")).toBe("help");
  expect(parse("mosquitto_rr", "--version")).toBe("version");
});

const BAD: Record<MosquittoTool, string[]> = {
  mosquitto_pub: [
    ...["-t a -m b -n", "-t a/# -m b", "-p 99999", "-p -1", "-q 3", "--foo", "-k 3", "-k 70000 -t a", "-V 6", "-V 5.0"],
    ...["-D publish foo 20", "-D foo message-expiry-interval 20", "-D publish receive-maximum 20", "-D publish"],
    ...["-D publish message-expiry-interval", "-D publish user-property a", "-D publish maximum-qos 1"],
    ...["-D connect receive-maximum 0", "-D connect receive-maximum 70000", "-D connect receive-maximum -1"],
    ...["-D connect request-problem-information 2", "-D connect maximum-packet-size 4294967296"],
    ...["-D auth authentication-method x", "-D puback user-property a b"],
    "-D connect receive-maximum 5 -D connect receive-maximum 6",
    ...["--repeat 0", "--repeat-delay -1", "-M 0", "-t a -l -m x", "-c", "-V 5 -c", "-x -2", "-x 4294967296", "-x abc"],
    ...["--will-payload x", "--will-retain", "--will-topic #", "--will-qos 5", "--cert x", "--key x", "--keyform pem"],
    ...["--psk 11", "--psk 11 --psk-identity a --cafile x", "--proxy foo", "-L foo://x", "-L mqtt://h", "-i a -I b"],
    ...["-I b -i a", "extra", "-", "-vd", "-C 1", "-e r", "-F %p", "-T a"],
  ],
  mosquitto_sub: [
    ...["", "-d", "-t a#", "-t a/#/b", "-T +#", "-U +#", "-C 0", "-C x", "-W 0", "-W -1", "-t a -R --retained-only"],
    ...[
      "-F %",
      "-F %z",
      "-F @",
      "-F \\z",
      "--random-filter 0",
      "--random-filter x",
      "--random-filter 100.5",
      "-l",
      "-m x",
    ],
    ...["-t a --tls-version foo", "-t a -P x", "-t a -i '' -c", "-t a -i ''", "--will-qos 5", "-r", "--repeat 2"],
  ],
  mosquitto_rr: ["", "-t a -m b", "-t a -e r", "-t a -e r/# -m x", "-c", "-x -1", "-r", "-l", "-C 2", "-e", "-T a"],
};

/** Flags that take a word, given without one. */
const LONELY = split(
  "-A -C -e -f -F -h -i -I -k -L -m -M -p -P -q -t -T -u -U -V -W -x -D --host --port --topic --will-topic --will-payload " +
    "--will-qos --cafile --capath --cert --key --keyform --ciphers --tls-version --tls-alpn --psk --psk-identity --unix " +
    "--repeat --repeat-delay --random-filter --tls-engine --tls-engine-kpass-sha1 --proxy --property --pw",
);

const TOOLS = Object.keys(BAD) as MosquittoTool[];
const isInstalled = spawnSync(TOOLS[1], ["--version"]).status !== null;

describe.each(TOOLS)("%s complains as the real one does", (tool) => {
  const lines = [...BAD[tool].map(split), ...LONELY.map((flag) => [flag])];

  test.runIf(isInstalled || process.env.CI === "true").each(lines.map((words) => [words.join(" "), words] as const))(
    "%s",
    (_title, words) => {
      // Port 1 is never a broker: whoever gets that far says "Connection refused".
      const args = ["-p", "1", ...words];
      const real = spawnSync(tool, args, {
        encoding: "utf8",
        input: "",
        env: { ...process.env, HOME: "/nonexistent" },
      });
      expect(complaint(tool, args)).toBe(real.stderr);
      expect(real.status).toBe(1);
    },
  );
});
