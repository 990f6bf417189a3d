/** The ACL file of mosquitto, line by line. What a real mosquitto makes of such files is in acl-file.mosquitto.test.ts. */
import { expect, test } from "vitest";
import { parseAclFile } from "./acl-file.js";
import type { Principal } from "./auth-hooks.js";

function someone(userName: string | undefined, clientIdentifier = "c1"): Principal {
  return { clientIdentifier, userName, groups: [], claims: undefined, permissions: undefined, peer: undefined };
}

/** "rw", "r", "w" or "". */
function rights(text: string, principal: Principal, topicName: string): string {
  const access = parseAclFile(text).accessOf(principal);
  return (access.receive(topicName) ? "r" : "") + (access.publish(topicName, 0, false) ? "w" : "");
}

const FILE = `
# anonymous
topic read public/#
topic deny public/secret

user anna
topic a
topic write a/w
topic read a/r
topic readwrite a/with blanks
topic deny a/w/no
topic readwrite a/w/#

user bert
topic #
  topic deny bert/not\r

pattern read all/%u/%c
pattern write all/%c
pattern deny all/%u/mine
`;

test.each([
  [undefined, "public/x", "r"],
  [undefined, "public/secret", ""],
  [undefined, "a", ""],
  [undefined, "all/c1", "w"],
  [undefined, "all/%u/c1", ""],
  ["anna", "public/x", ""],
  ["anna", "a", "rw"],
  ["anna", "a/w", "rw"],
  ["anna", "a/w/no", ""],
  ["anna", "a/r", "r"],
  ["anna", "a/with blanks", "rw"],
  ["anna", "all/anna/c1", "r"],
  ["anna", "all/anna/c2", ""],
  ["anna", "all/anna/mine", ""],
  ["bert", "anything", "rw"],
  ["bert", "bert/not", ""],
  ["bert", "$SYS/x", ""],
  ["bert", "all/bert/mine", "rw"], // the user's own lines come first
  ["carl", "a", ""],
  ["carl", "all/c1", "w"],
])("%s, %s: %s", (userName, topicName, expected) => {
  expect(rights(FILE, someone(userName), topicName)).toBe(expected);
});

test("a name with a wildcard has no part in patterns", () => {
  expect(rights("pattern readwrite %u/#", someone("#"), "x/y")).toBe("");
  expect(rights("pattern readwrite %c/#", someone("anna", "+"), "x/y")).toBe("");
  expect(rights("pattern readwrite t", someone("a+b"), "t")).toBe("");
  expect(rights("user a+b\ntopic t\npattern read x", someone("a+b"), "t")).toBe("rw");
});

test("a client cannot make a shared subscription of a pattern", () => {
  expect(rights("pattern readwrite %c/%u/#", someone("group", "$share"), "x/y")).toBe("");
});

test("a line for a user named twice is the same user's", () => {
  expect(rights("user a\ntopic x\nuser b\ntopic y\nuser a\ntopic z", someone("a"), "z")).toBe("rw");
  expect(rights("user a\ntopic x\nuser b\ntopic y\nuser a\ntopic z", someone("a"), "x")).toBe("rw");
});

test("an empty file denies everything, and every filter may be subscribed to", () => {
  expect(rights("", someone("a"), "x")).toBe("");
  expect(parseAclFile("").accessOf(someone("a")).subscribe("#")).toBe(2);
});

test.each([
  ["topic", 'line 1 of the ACL file has ""'],
  ["\ntopic readd a", 'line 2 of the ACL file says "readd"'],
  ["topic read a/#/b", 'line 1 of the ACL file has "a/#/b"'],
  ["user", "line 1 of the ACL file names no user"],
  ["users anna", 'line 1 of the ACL file begins with "users"'],
  [" # not at the beginning", 'line 1 of the ACL file begins with "#"'],
])("refuses %j and says where", (text, message) => {
  expect(() => parseAclFile(text)).toThrow(
    expect.objectContaining({ code: "TIDINGS_ACL_FILE", message: expect.stringContaining(message) }),
  );
});
