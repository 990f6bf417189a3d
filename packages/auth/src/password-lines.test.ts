/** A password file is read line by line and changed one line at a time. */
import { expect, test } from "vitest";
import { parsePasswordFile, setPasswordLine } from "./password-lines.js";

const STORED = `$6$c2FsdA==$${Buffer.alloc(64).toString("base64")}`;

test("takes users, and leaves comments, empty lines and blanks alone", () => {
  const users = parsePasswordFile(`# people\n\nanna:${STORED}\r\n bert : ${STORED} \n`);
  expect([...users]).toEqual([
    ["anna", STORED],
    ["bert", STORED],
  ]);
});

test.each([
  ["anna", "line 1 of the password file is not user:hash"],
  [`anna:${STORED}\n:${STORED}`, "line 2 of the password file has no user name"],
  [`anna:${STORED}\nanna:${STORED}`, 'line 2 of the password file has user "anna" a second time'],
  ["# x\nanna:secret", 'line 2 of the password file (user "anna"): the stored password is not'],
  ["anna:", 'line 1 of the password file (user "anna"): the stored password is not'],
])("refuses %j and says where", (text, message) => {
  expect(() => parsePasswordFile(text)).toThrow(
    expect.objectContaining({ code: "TIDINGS_PASSWORD_FILE", message: expect.stringContaining(message) }),
  );
});

test("never says what is stored", () => {
  expect(() => parsePasswordFile("anna:secret")).not.toThrow(/secret/);
});

test("adds, changes and removes one line", () => {
  const before = `# people\nanna:${STORED}\nbert:${STORED}\n`;
  expect(setPasswordLine(before, "carl", "new")).toBe(`${before}carl:new\n`);
  expect(setPasswordLine(before, "anna", "new")).toBe(`# people\nanna:new\nbert:${STORED}\n`);
  expect(setPasswordLine(before, "anna", undefined)).toBe(`# people\nbert:${STORED}\n`);
  expect(setPasswordLine(before, "carl", undefined)).toBe(before);
  expect(setPasswordLine("", "anna", "new")).toBe("anna:new\n");
  expect(setPasswordLine(`anna:${STORED}`, "bert", "new")).toBe(`anna:${STORED}\nbert:new\n`);
});

test("mends a file that has a user twice", () => {
  const twice = `anna:${STORED}\nbert:${STORED}\nanna:old\n`;
  expect(setPasswordLine(twice, "anna", "new")).toBe(`anna:new\nbert:${STORED}\n`);
  expect(setPasswordLine(twice, "anna", undefined)).toBe(`bert:${STORED}\n`);
});

test.each(["", "a:b", "a\nb", "#a", " a", "a "])("has no place for user name %j", (userName) => {
  expect(() => setPasswordLine("", userName, "new")).toThrow(
    expect.objectContaining({ code: "TIDINGS_PASSWORD_FILE" }),
  );
});
