// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is about such texts
/** From files, variables and flags to a configuration, or to what is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Override } from "./environment.js";
import { hideSecrets } from "./hide-secrets.js";
import { loadConfiguration } from "./load-configuration.js";
import { STARTER_FILE } from "./starter-file.js";

const directory = mkdtempSync(join(tmpdir(), "tidings-configuration-"));
afterAll(() => rmSync(directory, { recursive: true }));

function load(text: string, environment: Record<string, string> = {}, flags: Override[] = [], name = "tidings.yaml") {
  const file = join(directory, name);
  writeFileSync(file, text);
  return loadConfiguration({ file, environment, flags });
}

/** The messages, without the directory. */
function problemsOf(text: string, environment: Record<string, string> = {}, flags: Override[] = []): string[] {
  try {
    load(text, environment, flags);
  } catch (error) {
    expect(error).toMatchObject({ code: "TIDINGS_CONFIGURATION" });
    return (error as Error).message.replaceAll(`${directory}/`, "").split("\n");
  }
  return [];
}

const TCP = "listeners: [{ name: a, type: tcp, port: 1 }]\n";

describe("a file", () => {
  test("may be YAML or JSON, and may be empty", () => {
    const expected = { listeners: [{ name: "a", type: "tcp", port: 1 }] };
    expect(load(TCP).configuration).toEqual(expected);
    const json = JSON.stringify({ $schema: "x", ...expected });
    expect(load(json, {}, [], "tidings.json").configuration).toEqual(expected);
    expect(load("").configuration).toEqual({});
    expect(load("# nothing\n").configuration).toEqual({});
  });

  test("the starter file is valid, with every comment taken away as well", () => {
    expect(load(STARTER_FILE).configuration.listeners).toHaveLength(2);
    const uncommented = STARTER_FILE.split("\n")
      .map((line) => line.replace(/^(\s*)# (?=[ -]|authentication|access|storage|limits|drain)/, "$1"))
      .join("\n");
    const { configuration } = load(uncommented);
    expect(configuration.listeners).toHaveLength(3);
    expect(Object.keys(configuration).sort()).toEqual(
      ["access", "authentication", "drain", "limits", "listeners", "log", "storage"].sort(),
    );
  });

  test("that is not there is named", () => {
    const sources = { file: "/nowhere/tidings.yaml", environment: {}, flags: [] };
    expect(() => loadConfiguration(sources)).toThrow("/nowhere/tidings.yaml: there is no such file");
  });

  test.each([
    [
      "listeners:\n  - name: a\n    type: tcp\n    port: 70000\n",
      "tidings.yaml:4: listeners[0].port is 70000: use a number from 0 to 65535.",
    ],
    ["listners: []\n", "tidings.yaml:1: listners is unknown; did you mean listeners?"],
    ["\n\nlog:\n  levle: debug\n", "tidings.yaml:4: levle is unknown in log; did you mean level?"],
    [
      "log:\n  level: verbose\n",
      'tidings.yaml:2: log.level is "verbose": use trace, debug, info, warn, error, fatal or silent.',
    ],
    ["log: nothing\n", 'tidings.yaml:1: log is "nothing": write keys and values.'],
    [
      "listeners:\n  - name: a\n    type: quic\n",
      'tidings.yaml:3: listeners[0].type is "quic": use tcp, tls, ws, wss or unix.',
    ],
    ["listeners:\n  - name: a\n    type: tcp\n", "tidings.yaml:2: listeners[0].port is missing: write a number."],
    [
      "listeners:\n  - name: a\n    type: tls\n    port: 1\n",
      "tidings.yaml:2: listeners[0].tls is missing: write keys and values.",
    ],
    [
      "listeners:\n  - { name: a, type: tcp, port: 1, origins: [] }\n",
      /^tidings.yaml:2: origins is unknown in listeners\[0\]; known are /,
    ],
    [
      "listeners:\n  - { name: a b, type: tcp, port: 1 }\n",
      'tidings.yaml:2: listeners[0].name is "a b": use up to 64 letters, digits, dots and dashes, a letter or digit first.',
    ],
    ["listeners: []\n", "tidings.yaml:1: listeners is []: the list must not be empty."],
    ["limits: { queuedMessagesMax: 1.5 }\n", "tidings.yaml:1: limits.queuedMessagesMax is 1.5: write a whole number."],
    ["limits: { queuedMessagesMax: many }\n", 'tidings.yaml:1: limits.queuedMessagesMax is "many": write a number.'],
    [
      "authentication:\n  users:\n    - { name: a, password: 5 }\n",
      "tidings.yaml:3: authentication.users[0].password is a secret (not shown): write a text.",
    ],
    ["a: [1\nb: 2\n", /^tidings.yaml:\d+: this is no valid YAML: /],
    ["a: 1\na: 2\n", /^tidings.yaml:2: this is no valid YAML: /],
    ["- a\n", "tidings.yaml: this is no configuration: write keys and values."],
    ["a: &a [*a]\n", /^tidings.yaml: (it is nested deeper|this is no valid YAML)/],
    ["[".repeat(5000), /^tidings.yaml.*: (it is nested deeper|this is no valid YAML)/],
    [
      `a: &a [x, x]\n${Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [${"*a, ".repeat(9)} *a]`).join("\n")}`,
      /tidings.yaml/,
    ],
  ])("%j is refused", (text, expected) => {
    expect(problemsOf(text)[0]).toEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
  });

  test("every mistake is told at once", () => {
    expect(problemsOf("log: { level: x }\ndrain: { overMs: -1 }\nnonsense: 1\n")).toHaveLength(3);
  });
});

describe("what does not go together", () => {
  test.each([
    [
      "  - { name: b, type: ws, port: 2 }\n  - { name: b, type: ws, port: 3 }\n",
      "the name b is that of another listener",
    ],
    [
      "  - { name: b, type: ws, port: 1 }\n  - { name: c, type: ws, port: 1 }\n",
      "another listener is on 127.0.0.1 port 1 already",
    ],
    ['  - { name: b, type: tcp, port: 2, host: "::" }\n', "would be open to everybody who reaches ::"],
    ["  - { name: b, type: tcp, port: 2, host: broker.example }\n", "would be open to everybody"],
    ["  - { name: b, type: tcp, port: 2, allowAnonymous: false }\n", "nobody could come in through the listener b"],
    [
      "  - { name: b, type: tls, port: 2, tls: { certificates: [{ certificate: a, key: b }], clientCertificate: optional } }\n",
      "clientAuthorities is missing",
    ],
    ["  - { name: b, type: tcp, port: 2, mountPoint: x }\n", 'it does not end with "/"'],
    ["  - { name: b, type: tcp, port: 2, authentication: { jwt: {} } }\n", "jwt needs exactly one of"],
  ])("%s", (listeners, expected) => {
    expect(problemsOf(`listeners:\n${listeners}`).join()).toContain(expected);
  });

  test("a public address is fine with users, or when it is written", () => {
    const open = (more: string) =>
      problemsOf(`listeners:\n  - { name: b, type: tcp, port: 2, host: 0.0.0.0${more} }\n`);
    expect(open(", allowAnonymous: true")).toEqual([]);
    expect(open(", authentication: { passwordFile: x }")).toEqual([]);
    expect(open(", authentication: { users: [] }")).toEqual([]);
    expect(open(", authentication: {}")).toHaveLength(1);
    expect(open(", authentication: { scram: false }")).toHaveLength(1);
    for (const host of ["localhost", "127.0.0.9", "'::1'"]) {
      expect(problemsOf(`listeners: [{ name: b, type: tcp, port: 2, host: ${host} }]`)).toEqual([]);
    }
  });
});

describe("variables", () => {
  test("override the file, by path or by a listener's name", () => {
    const environment = {
      TIDINGS_LIMITS_QUEUED_MESSAGES_MAX: "7",
      TIDINGS_FEATURES_MAXIMUM_QOS: "1",
      TIDINGS_LISTENERS_0_HOST: "127.0.0.2",
      TIDINGS_LISTENERS_A_PORT: "99",
      TIDINGS_LISTENERS_A_CONNECTION_RATE_PER_ADDRESS_PER_SECOND: "0.5",
      TIDINGS_LISTENERS_A_PROTOCOL_VERSIONS: '["3.1.1", "5.0"]',
      TIDINGS_AUTHENTICATION_JWT_SECRET: "1234",
      TIDINGS_LOG_LEVEL: "warn",
    };
    expect(load(`${TCP}log: { level: info }`, environment).configuration).toEqual({
      limits: { queuedMessagesMax: 7 },
      features: { maximumQoS: 1 },
      listeners: [
        {
          name: "a",
          type: "tcp",
          host: "127.0.0.2",
          port: 99,
          connectionRate: { perAddressPerSecond: 0.5 },
          protocolVersions: ["3.1.1", "5.0"],
        },
      ],
      authentication: { jwt: { secret: "1234" } },
      log: { level: "warn" },
    });
  });

  test("with a wrong value are named", () => {
    expect(problemsOf(TCP, { TIDINGS_LISTENERS_0_PORT: "none" })).toEqual([
      'TIDINGS_LISTENERS_0_PORT: listeners[0].port is "none": write a number.',
    ]);
  });

  test("of others with the same beginning are left alone", () => {
    const others = { TIDINGS_PORT: "tcp://10.0.0.1:1883", TIDINGS_SERVICE_HOST: "10.0.0.1", TIDINGS_CONFIG: "x" };
    expect(load(TCP, others).ignoredVariables).toEqual(["TIDINGS_PORT", "TIDINGS_SERVICE_HOST"]);
  });
});

test("flags have the last word, and are named when they are wrong", () => {
  const level = (value: string): Override => ({ source: "--log-level", path: ["log", "level"], value });
  expect(load("log: { level: info }", { TIDINGS_LOG_LEVEL: "warn" }, [level("error")]).configuration.log).toEqual({
    level: "error",
  });
  expect(problemsOf("", {}, [level("loud")])[0]).toMatch(/^--log-level: log\.level is "loud"/);
});

describe("secrets from elsewhere", () => {
  test("come from variables and files, as the type that is wanted", () => {
    writeFileSync(join(directory, "secret"), "from a file\n");
    const text = `
listeners: [{ name: a, type: tcp, port: "\${env:PORT}", mountPoint: "\${env:TENANT}/$\${x}/" }]
authentication: { jwt: { secret: "\${file:secret}" } }
`;
    expect(load(text, { PORT: "1884", TENANT: "t${env:PORT}" }).configuration).toMatchObject({
      listeners: [{ port: 1884, mountPoint: "t${env:PORT}/${x}/" }],
      authentication: { jwt: { secret: "from a file" } },
    });
  });

  test.each([
    ["${env:MISSING}", "the environment variable MISSING is not set"],
    ["${env:__proto__}", "the environment variable __proto__ is not set"],
    ["${file:missing}", "cannot read"],
    ["${vault:x}", "${vault:x} is unknown; write ${env:NAME} or ${file:path}"],
  ])("%s", (place, expected) => {
    const [problem] = problemsOf(`authentication:\n  passwordFile: "${place}"\n`);
    expect(problem).toMatch(/^tidings.yaml:2: authentication\.passwordFile: /);
    expect(problem).toContain(expected);
  });
});

test("what is shown has no secrets", () => {
  const text = `
listeners:
  - name: a
    type: wss
    port: 1
    tls:
      certificates:
        - { certificate: a.pem, key: keys/a.key, passphrase: hush }
        - { certificate: "-----BEGIN CERTIFICATE-----", key: "-----BEGIN PRIVATE KEY-----" }
authentication:
  users: [{ name: u, password: $argon2id$hush, scramKeys: hush }]
  jwt: { secret: hush }
  http: { authenticateUrl: "https://user:hush@example.org/", headers: { authorization: Bearer hush } }
`;
  const shown = JSON.stringify(hideSecrets(load(text).configuration));
  expect(shown).not.toMatch(/hush|BEGIN/);
  expect(shown).toContain('"key":"keys/a.key"');
  expect(shown).toContain('"name":"u"');
});
