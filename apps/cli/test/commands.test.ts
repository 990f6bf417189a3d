/** The commands that talk to a broker, built, against the Tidings broker and mosquitto. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasMosquitto } from "./mosquitto.js";
import type { Started, StartOptions } from "./processes.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run, tidings } = under;

const BROKERS = hasMosquitto ? (["tidings", "mosquitto"] as const) : (["tidings"] as const);

describe.concurrent.each(BROKERS)("against %s", (name) => {
  const port = (): string[] => under.port(name);
  const subscriber = (words: readonly string[], options?: StartOptions): Promise<Started> =>
    under.subscriber([...port(), ...words], options);

  test.each(["5", "311", "31"])("pub and sub, version %s, every QoS", async (version) => {
    const filter = `versions/${version}/#`;
    const sub = await subscriber(["-V", version, "-t", filter, "-q", "2", "-v", "-C", "3"]);
    for (const qos of ["0", "1", "2"]) {
      const topic = `versions/${version}/${qos}`;
      expect(await run(["pub", ...port(), "-V", version, "-t", topic, "-q", qos, "-m", `QoS ${qos}`])).toEqual({
        stdout: "",
        stderr: "",
        code: 0,
      });
    }
    const { stdout, code } = await sub.ended;
    expect(stdout.split("\n").sort().join("\n")).toBe(
      `\nversions/${version}/0 QoS 0\nversions/${version}/1 QoS 1\nversions/${version}/2 QoS 2`,
    );
    expect(code).toBe(0);
  });

  test("every property, by name and by -D, and JSON lines", async () => {
    const sub = await subscriber(["-t", "props", "--json", "-C", "2", "--subscription-identifier", "9"]);
    await run([
      ...["pub", ...port(), "-t", "props", "-m", "x", "--content-type", "text/x", "--response-topic", "r"],
      ...["--correlation-data", "c", "--payload-format-indicator", "1", "--message-expiry-interval", "600"],
      ...["--user-property", "a=b=c", "--user-property", "a=2", "--topic-alias", "1"],
    ]);
    await run([
      ...["pub", ...port(), "-t", "props", "-n", "-D", "publish", "user-property", "k", "v"],
      ...["-D", "publish", "content-type", "y", "-D", "connect", "receive-maximum", "5"],
    ]);
    const lines = (await sub.ended).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({
      topic: "props",
      qos: 0,
      retain: false,
      payload: "x",
      properties: {
        contentType: "text/x",
        responseTopic: "r",
        correlationData: "Yw==",
        payloadFormatIndicator: 1,
        userProperties: [
          ["a", "b=c"],
          ["a", "2"],
        ],
        subscriptionIdentifiers: [9],
      },
    });
    expect(lines[0].time).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(lines[1]).toMatchObject({ payload: "", properties: { contentType: "y", userProperties: [["k", "v"]] } });
  });

  test("encodes and decodes", async () => {
    const cases = [
      ["cbor", '{"a":[1,2]}', "a161618201 02".replace(" ", "")],
      ["msgpack", '{"a":[1,2]}', "81a161920102"],
      ["hex", "00ff", "00ff"],
      ["base64", "AP8=", "00ff"],
      ["json", '{"a":[1,2]}', "7b2261223a5b312c325d7d"],
    ];
    const sub = await subscriber(["-t", "coded/#", "-F", "%x", "-C", "5"]);
    const decoded = await Promise.all(
      cases.map(([format]) => subscriber(["-t", `coded/${format}`, "--decode", format, "-C", "1"])),
    );
    for (const [format, text] of cases)
      await run(["pub", ...port(), "-t", `coded/${format}`, "-m", text, "--encode", format]);
    expect((await sub.ended).stdout).toBe(`${cases.map(([, , hex]) => hex).join("\n")}\n`);
    const outputs = await Promise.all(decoded.map(({ ended }) => ended));
    expect(outputs.map(({ stdout }) => stdout)).toEqual(cases.map(([, text]) => `${text}\n`));
  });

  test("lines of stdin, in order, and a message of several lines", async () => {
    const sub = await subscriber(["-t", "lines", "-q", "1", "-C", "101", "-F", "<%p>"]);
    const numbers = Array.from({ length: 100 }, (_, index) => String(index));
    const input = `${numbers.join("\n")}\n`;
    expect((await run(["pub", ...port(), "-t", "lines", "-q", "1", "-l"], { input })).code).toBe(0);
    expect((await run(["pub", ...port(), "-t", "lines", "-q", "1", "-s"], { input: "a\nb" })).code).toBe(0);
    expect((await sub.ended).stdout).toBe(`${[...numbers, "a\nb"].map((text) => `<${text}>`).join("\n")}\n`);
  });

  test("rr asks and prints the answer that has its correlation data", async () => {
    const responder = await subscriber(["-t", "ask/#", "--json", "-C", "1"]);
    const asking = tidings(["rr", ...port(), "-t", "ask/me", "-m", "?", "-W", "15", "-v", "-e", "answers"]);
    const request = JSON.parse((await responder.ended).stdout);
    expect(request).toMatchObject({ topic: "ask/me", payload: "?", properties: { responseTopic: "answers" } });
    const { correlationData } = request.properties;
    const { connect } = await import("@tidings/client");
    await using client = await connect(`mqtt://127.0.0.1:${under.ports[name]}`);
    for (const [text, data] of [
      ["somebody else's", Uint8Array.of(1)],
      ["ours", Buffer.from(correlationData, "base64")],
    ] as const) {
      await client.publish("answers", text, { qos: 1, properties: { correlationData: data } });
    }
    expect(await asking.ended).toEqual({ stdout: "answers ours\n", stderr: "", code: 0 });
  });

  test("conn says what the server offers", async () => {
    const { stdout, code } = await run(["conn", ...port(), "-E", "--json", "-i", "me"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ protocolVersion: 5, clientIdentifier: "me", sessionPresent: false });
  });

  test("bench measures and loses nothing", async () => {
    const load = ["--no-progress", "--json", ...port()];
    const reports = await Promise.all([
      run(["bench", "conn", "--count", "20", ...load]),
      run(["bench", "pub", "--count", "3", "--messages", "200", "-q", "1", ...load]),
      run([
        "bench",
        "sub",
        "--count",
        "3",
        "--publishers",
        "2",
        "--messages",
        "100",
        "-q",
        "1",
        "-t",
        "bench/all",
        ...load,
      ]),
      run(["bench", "rtt", "--count", "2", "--messages", "50", "-t", "bench/rtt/%i", ...load]),
    ]);
    const [conn, pub, sub, rtt] = reports.map(({ stdout }) => JSON.parse(stdout));
    expect(reports.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(conn).toMatchObject({ connections: 20, failedConnections: 0 });
    expect(pub).toMatchObject({ published: 600, failed: 0 });
    expect(sub).toMatchObject({ published: 200, received: 600, lost: 0 });
    expect(rtt).toMatchObject({ published: 100, received: 100, lost: 0 });
    for (const { latencyMs } of [pub, sub, rtt]) {
      expect(latencyMs.p50).toBeGreaterThan(0);
      expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p99);
      expect(latencyMs.p99).toBeLessThanOrEqual(latencyMs.max);
    }
  });

  test("simulate plays a script and a scenario", async () => {
    const script = join(under.folder, "script.mjs");
    writeFileSync(
      script,
      "export default ({ index, sequence }) => ({ topic: 'sim/' + index, payload: { sequence } });\n",
    );
    const sub = await subscriber(["-t", "sim/#", "-v", "-C", "4"]);
    const words = ["simulate", ...port(), "-f", script, "--devices", "2", "--limit", "4", "--interval", "0"];
    expect((await run(words)).code).toBe(0);
    expect((await sub.ended).stdout.trim().split("\n").sort()).toEqual([
      'sim/0 {"sequence":0}',
      'sim/0 {"sequence":1}',
      'sim/1 {"sequence":0}',
      'sim/1 {"sequence":1}',
    ]);
    const home = [
      "simulate",
      ...port(),
      "--scenario",
      "smart-home",
      "--limit",
      "5",
      "--interval",
      "0",
      "--seed",
      "1",
      "-v",
    ];
    const { stdout, code } = await run([...home, "-i", "house"]);
    expect(stdout.trim().split("\n")).toHaveLength(5);
    expect(stdout).toMatch(/^simulate\/home\/house\//);
    expect(code).toBe(0);
  });
});
