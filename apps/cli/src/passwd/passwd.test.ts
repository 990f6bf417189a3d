import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkUser, PasswordFile, readPasswordFile, writePasswordFile } from "./password-file.js";
import { HASH_KINDS, hashKind, hashPassword, verifyPassword } from "./password-hash.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-passwd-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("hashes", () => {
  test.each(HASH_KINDS)("%s verifies its password alone, and is salted", (kind) => {
    const hash = hashPassword("pässword", kind, 101);
    expect(hashKind(hash)).toBe(kind);
    expect(verifyPassword("pässword", hash)).toBe(true);
    expect(verifyPassword("passwort", hash)).toBe(false);
    expect(hashPassword("pässword", kind, 101)).not.toBe(hash);
  });

  test("what is none", () => {
    for (const text of ["", "plain", "$7$x$y$z", "$scrypt$ln=15$a$b", "$1$a$b", "$7$101$$"]) {
      expect(hashKind(text)).toBeUndefined();
      expect(verifyPassword("plain", text)).toBe(false);
    }
  });

  test("the ones that mosquitto_passwd 2.0.11 made", () => {
    const pbkdf2 =
      "$7$101$1BfCgtyhfwxg5HZi$Uyi/gytiAPjXbxvgdRlayju5jARRZTAk5+F35Pb4wV2CTFu1bp5HEbUSI/3AkMy7r83rwKhksqq1sY+DFTpGUQ==";
    const sha512 =
      "$6$BCJWSln5iLIKcR4O$70EMYu7zbCTYAXyxyUAQRcXUsaJT6bFCRieU5sJWpDeMQLWzrQvGEp/Yi0uShy38CkMP3XJpupq483rA2fnxbw==";
    expect(verifyPassword("secret", pbkdf2)).toBe(true);
    expect(verifyPassword("secret2", sha512)).toBe(true);
    expect(verifyPassword("secret2", pbkdf2)).toBe(false);
  });
});

describe("the file", () => {
  test("keeps what it does not know", () => {
    const file = new PasswordFile("# ours\nanna:1\n\nbert:2\n");
    file.set("anna", "3");
    file.set("carl", "4");
    expect(file.delete("bert")).toBe(true);
    expect(file.delete("nobody")).toBe(false);
    expect(file.toString()).toBe("# ours\nanna:3\n\ncarl:4\n");
    expect(file.find("anna")).toEqual({ user: "anna", hash: "3" });
  });

  test("knows mosquitto's", () => {
    expect(new PasswordFile(`a:${hashPassword("x", "sha512-pbkdf2", 1)}`).isMosquittos).toBe(true);
    expect(new PasswordFile("a:plain").isMosquittos).toBe(false);
  });

  test("is for its owner alone, and keeps its mode", () => {
    const path = join(folder, "new");
    writePasswordFile(path, new PasswordFile("a:1\n"));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "old"), "", { mode: 0o644 });
    writePasswordFile(join(folder, "old"), new PasswordFile("a:1\n"));
    expect(statSync(join(folder, "old")).mode & 0o777).toBe(0o644);
    expect(readFileSync(join(folder, "old"), "utf8")).toBe("a:1\n");
  });

  test("that is missing or cannot be written", () => {
    expect(() => readPasswordFile(join(folder, "none"), false)).toThrow(
      "no such file or directory. With -c it is made.",
    );
    expect(() => writePasswordFile(join(folder, "no/such"), new PasswordFile())).toThrow("Cannot write ");
  });

  test.each(["", "a:b", "#a", "a\nb"])("cannot hold the user %j", (user) => {
    expect(() => checkUser(user)).toThrow("cannot be a user name here");
  });
});
