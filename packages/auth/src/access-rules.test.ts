/** Rules in the form of a configuration: who, what, where, and which one decides. */
import { describe, expect, test } from "vitest";
import { type AccessRule, compileAccessRules } from "./access-rules.js";
import type { Principal } from "./auth-hooks.js";

function someone(about: Partial<Principal> = {}): Principal {
  return {
    clientIdentifier: "c1",
    userName: "anna",
    groups: [],
    claims: undefined,
    permissions: undefined,
    peer: undefined,
    ...about,
  };
}

function access(rules: AccessRule[], about?: Partial<Principal>) {
  return compileAccessRules(rules).accessOf(someone(about));
}

describe("the first rule that is about it decides", () => {
  const rules: AccessRule[] = [
    { deny: "receive", topics: "secret/#" },
    { allow: "subscribe", topics: ["#", "$SYS/#"] },
    { allow: "publish", topics: "open/#", maximumQoS: 1, retain: false },
    { deny: "publish", topics: "open/closed/#" },
    { allow: "publish", topics: ["open/+", "open/closed/x"] },
  ];

  test("for what is published", () => {
    const own = access(rules);
    expect(own.publish("open/a", 1, false)).toBe(true);
    expect(own.publish("open/closed/x", 0, false)).toBe(true); // the rule before the denial allows it
    expect(own.publish("open/closed/x", 2, false)).toBe(false);
    expect(own.publish("open/a", 2, true)).toBe(true); // above the limits of one rule, within another
    expect(own.publish("open/a/b", 2, false)).toBe(undefined);
    expect(own.publish("else", 0, false)).toBe(undefined);
  });

  test("for what is received, whatever was subscribed to", () => {
    const own = access(rules);
    expect(own.subscribe("#")).toBe(2);
    expect(own.subscribe("secret/a")).toBe(2); // "receive" is the delivery alone
    expect(own.receive("secret/a")).toBe(false);
    expect(own.receive("open/a")).toBe(true);
    expect(own.receive("$SYS/x")).toBe(true);
  });

  test('"subscribe" is the filter and what is delivered for it', () => {
    const own = access([
      { deny: "subscribe", topics: "secret/#" },
      { allow: "subscribe", topics: "#" },
    ]);
    expect(own.subscribe("secret/a")).toBe(false);
    expect(own.subscribe("#")).toBe(2);
    expect(own.receive("secret/a")).toBe(false);
    expect(own.receive("a")).toBe(true);
    expect(own.publish("a", 0, false)).toBe(undefined);
  });

  test("a filter needs a rule that covers all of it", () => {
    const own = access([{ allow: "subscribe", topics: ["a/#", "+/b"], maximumQoS: 1 }]);
    expect(own.subscribe("a/+/c")).toBe(1);
    expect(own.subscribe("x/b")).toBe(1);
    expect(own.subscribe("+/b")).toBe(1);
    expect(own.subscribe("+/+")).toBe(undefined);
    expect(own.subscribe("#")).toBe(undefined);
  });

  test("a rule without topics is about all of them", () => {
    const own = access([{ allow: "all" }]);
    expect(own.subscribe("$SYS/#")).toBe(2);
    expect(own.publish("$x", 2, true)).toBe(true);
    expect(own.receive("a")).toBe(true);
  });
});

describe("a rule is about", () => {
  const isAbout = (rule: AccessRule, about?: Partial<Principal>): boolean =>
    access([{ allow: "receive", ...rule }], about).receive("t") === true;

  test("users, and clients without one", () => {
    expect(isAbout({ users: "anna" })).toBe(true);
    expect(isAbout({ users: ["bert", "an*"] })).toBe(true);
    expect(isAbout({ users: "ann" })).toBe(false);
    expect(isAbout({ users: "*" }, { userName: undefined })).toBe(false);
    expect(isAbout({ anonymous: true }, { userName: undefined })).toBe(true);
    expect(isAbout({ anonymous: true })).toBe(false);
    expect(isAbout({ anonymous: false })).toBe(true);
  });

  test("groups and client identifiers", () => {
    expect(isAbout({ groups: ["x", "staff"] }, { groups: ["staff"] })).toBe(true);
    expect(isAbout({ groups: "staff" })).toBe(false);
    expect(isAbout({ clients: "c*" })).toBe(true);
    expect(isAbout({ clients: ["c2"] })).toBe(false);
  });

  test("verified certificates", () => {
    const tls = { authorized: true, certificateCommonName: "device-1", certificateSubject: "O=Works, CN=device-1" };
    expect(isAbout({ certificates: "device-*" }, { peer: { tls } })).toBe(true);
    expect(isAbout({ certificates: "O=Works,*" }, { peer: { tls } })).toBe(true);
    expect(isAbout({ certificates: "*" }, { peer: { tls: { ...tls, authorized: false } } })).toBe(false);
    expect(isAbout({ certificates: "*" })).toBe(false);
  });

  test.each([
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "11.1.2.3", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["2001:db8::/32", "2001:db8::7", true],
    ["2001:db8::/32", "2001:db9::7", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["10.0.0.0/8", "/run/socket", false],
    ["10.0.0.0/8", undefined, false],
  ])("addresses: %s, %s: %s", (addresses, address, expected) => {
    expect(isAbout({ addresses }, { peer: { address } })).toBe(expected);
  });

  test("claims, by their path", () => {
    const claims = { role: "admin", sites: ["north", "south"], realm: { level: 3 } };
    expect(isAbout({ claims: { role: ["user", "admin"] } }, { claims })).toBe(true);
    expect(isAbout({ claims: { sites: "south" } }, { claims })).toBe(true);
    expect(isAbout({ claims: { "realm.level": 3 } }, { claims })).toBe(true);
    expect(isAbout({ claims: { role: "user" } }, { claims })).toBe(false);
    expect(isAbout({ claims: { constructor: "x" } }, { claims })).toBe(false);
    expect(isAbout({ claims: { role: "admin" } })).toBe(false);
  });

  test("who fulfils all of its conditions", () => {
    expect(isAbout({ users: "anna", clients: "c1" })).toBe(true);
    expect(isAbout({ users: "anna", clients: "c2" })).toBe(false);
  });
});

describe("topics are filled in", () => {
  const receives = (topics: string, topicName: string, about?: Partial<Principal>) =>
    access([{ allow: "receive", topics }], about).receive(topicName);

  test("with user name, client identifier, claims and percent signs", () => {
    expect(receives("%u/%c/#", "anna/c1/x")).toBe(true);
    expect(receives("%u/%c/#", "bert/c1/x")).toBe(undefined);
    expect(receives("x-%c", "x-c1")).toBe(true);
    expect(receives("100%%", "100%")).toBe(true);
    const claims = { site: "north", rooms: ["r1", "r2"], deep: { id: 7 } };
    expect(receives("%{site}/%{rooms}/t", "north/r2/t", { claims })).toBe(true);
    expect(receives("%{site}/%{rooms}/t", "north/r3/t", { claims })).toBe(undefined);
    expect(receives("%{deep.id}", "7", { claims })).toBe(true);
    expect(receives("%{deep}", "[object Object]", { claims })).toBe(undefined);
    expect(receives("a/%{site}", "a/b/c", { claims: { site: "b/c" } })).toBe(true);
  });

  test("what is missing allows nothing", () => {
    expect(receives("%u", "undefined", { userName: undefined })).toBe(undefined);
    expect(receives("%{site}/#", "/x", { claims: {} })).toBe(undefined);
    expect(receives("%{site}/#", "/x", { claims: { site: "" } })).toBe(undefined);
  });

  test.each(["+", "#", "a/b", ""])("a client called %j gains nothing and evades nothing", (clientIdentifier) => {
    expect(receives("d/%c/#", "d/a/b/x", { clientIdentifier })).toBe(undefined);
    const denied = access([{ deny: "receive", topics: "d/%c" }, { allow: "receive" }], { clientIdentifier });
    expect(denied.receive("d/x")).toBe(false);
  });

  test("a claim with a wildcard allows nothing", () => {
    expect(receives("%{site}/#", "x/y", { claims: { site: "#" } })).toBe(undefined);
    expect(receives("%{site}", "x", { claims: { site: ["+", "x"] } })).toBe(true);
  });

  test("nobody makes a shared subscription of a pattern", () => {
    expect(receives("%c/%u/#", "x", { clientIdentifier: "$share", userName: "g" })).toBe(undefined);
  });
});

test.each([
  [{}, "access rule 1 needs either `allow` or `deny`"],
  [{ allow: "all", deny: "all" }, "access rule 1 needs either `allow` or `deny`"],
  [{ allow: "write" }, 'access rule 1 has "write", not publish'],
  [{ allow: "all", topics: "a/#/b" }, 'access rule 1 has "a/#/b", which is no Topic Filter'],
  [{ allow: "all", topics: "$share/g/a" }, 'access rule 1 has "$share/g/a"'],
  [{ deny: "all", retain: false }, "access rule 1 denies"],
  [{ allow: "all", addresses: "10.0.0.0/33" }, 'access rule 1 has "10.0.0.0/33"'],
  [{ allow: "all", addresses: "example.org" }, 'access rule 1 has "example.org"'],
])("refuses %j", (rule, message) => {
  expect(() => compileAccessRules([rule as AccessRule])).toThrow(
    expect.objectContaining({ code: "TIDINGS_ACCESS_RULE", message: expect.stringContaining(message) }),
  );
});
