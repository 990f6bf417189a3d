/** Passwords stored by mosquitto_passwd 2.0.11 of Debian, by the reference program of argon2 and by this package. */
import { hash as argon2Hash } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { hashPassword } from "./hash-password.js";
import { parsePasswordHash } from "./password-hash.js";
import { parsePasswordFile } from "./password-lines.js";
import { verifyPassword } from "./verify-password.js";

const CHEAP = { memoryKiB: 64, iterations: 1 };

/** `mosquitto_passwd -H sha512 -b`, and the same without -H and with `-I 1000`. */
const MADE_BY_MOSQUITTO = `\
anna:$6$d1kIklrfodxQvRCO$63cDKbbfx9g6QbZZxHKjPO5bMSUsj858elVWDj65Z01HWJSaUkZvrJtUREWbAwowgogkHl+Mq1twff97h83B8Q==
bert:$6$E5PqjqgjLk29Pnrr$DMIGya9qk64XYIF/ZTXQI1nq6NpgQ/Ii35E9/WKmtLSMiN8hwe9CFCYnjzOIAoACHHSkI2M1cv/vxtCVIMeuWA==
anna7:$7$101$Z1ZY4e+teSBdiBDp$ahPGB6mNoAfgoEV5yfF9aPbHaHnnkNitkCmW5Hr4GGGyZqsChT9a+zXkGkRSI2qJhz37k6Ss4E7TLOr4hdpmHA==
bert7:$7$101$Ux1IRK0vie5aDr+h$TAcGCjOrrpBJmPuX3oUyrp7VYPtJXkWy0BT2fW1rC0NxCCSemlzbnAauP6nTQ2j/+lOs5LE2E/rSZaq252BouQ==
`;
const ITERATED =
  "$7$1000$PKlO7ofZ5MWYx4Hr$MGvwxUvj6Vouh/NDqY2ky1rQrIer5WZ3kpXxsve4XcpuEh0yHbJhwnpYrSPn1tlc2lvatKfh2WCl7glSC3kQPQ==";

test.each([
  ["anna", "correct horse"],
  ["bert", "sésame"],
  ["anna7", "correct horse"],
  ["bert7", "sésame"],
])("reads what mosquitto_passwd wrote for %s", async (userName, password) => {
  const stored = parsePasswordFile(MADE_BY_MOSQUITTO).get(userName) as string;
  expect(await verifyPassword(stored, password)).toBe(true);
  expect(await verifyPassword(stored, new TextEncoder().encode(password))).toBe(true);
  expect(await verifyPassword(stored, `${password} `)).toBe(false);
  expect(await verifyPassword(stored, "")).toBe(false);
});

test("reads the number of iterations", async () => {
  expect(await verifyPassword(ITERATED, "correct horse")).toBe(true);
  expect(await verifyPassword(ITERATED.replace("$1000$", "$1001$"), "correct horse")).toBe(false);
});

test("writes argon2id with OWASP's parameters and a new salt each time", async () => {
  const [one, two] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword(one, "correct horse")).toBe(true);
  expect(await verifyPassword(one, "correct hors")).toBe(false);
});

test("reads argon2i and argon2d as well, and takes the cost from the text", async () => {
  for (const algorithm of [0, 1, 2]) {
    const stored = await argon2Hash("correct horse", { algorithm, memoryCost: 64, timeCost: 3, parallelism: 2 });
    expect(stored).toContain("m=64,t=3,p=2");
    expect(await verifyPassword(stored, "correct horse")).toBe(true);
    expect(await verifyPassword(stored, "incorrect")).toBe(false);
  }
  expect(await hashPassword("x", CHEAP)).toContain("$m=64,t=1,p=1$");
});

test("reads what the reference implementation of argon2 wrote", async () => {
  // Its test.c: "password" with salt "somesalt", version 19, m = 65536, t = 2, p = 1.
  const stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  expect(await verifyPassword(stored, "password")).toBe(true);
  expect(await verifyPassword(stored, "passwort")).toBe(false);
});

test("leaves the event loop free", async () => {
  const stored = await hashPassword("correct horse");
  let turns = 0;
  const verified = verifyPassword(stored, "correct horse");
  let waits = true;
  verified.then(() => {
    waits = false;
  });
  while (waits) {
    turns += 1;
    await new Promise(setImmediate);
  }
  expect(await verified).toBe(true);
  expect(turns).toBeGreaterThan(10); // a blocked loop would come by once or twice
});

test.each([
  ["", "is not $6$"],
  ["secret", "is not $6$"],
  ["$6$!$x", "salt that is not base64"],
  ["$6$c2FsdA==$c2hvcnQ=", "hash of 5 bytes, not 64"],
  ["$7$0$c2FsdA==$c2hvcnQ=", "asks for 0 iterations"],
  ["$7$99999999999$c2FsdA==$c2hvcnQ=", "asks for 99999999999 iterations"],
  ["$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1a", "asks for 999999999 memory"],
  ["$argon2id$v=19$m=65536,t=2$c29tZXNhbHQ$CTFhFdXPJO1a", "is not $6$"],
  ["$2b$10$abcdefghijklmnopqrstuv", "is not $6$"],
])("refuses %s", (stored, what) => {
  expect(() => parsePasswordHash(stored)).toThrow(
    expect.objectContaining({ code: "TIDINGS_PASSWORD_HASH", message: expect.stringContaining(what) }),
  );
});
