/** A password file as authentication, and read again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuthenticateRequest } from "./auth-hooks.js";
import { type PasswordFile, passwordFile } from "./password-file.js";

/** Made by `mosquitto_passwd -b`, 2.0.11: "correct horse". */
const ANNA =
  "anna:$7$101$Z1ZY4e+teSBdiBDp$ahPGB6mNoAfgoEV5yfF9aPbHaHnnkNitkCmW5Hr4GGGyZqsChT9a+zXkGkRSI2qJhz37k6Ss4E7TLOr4hdpmHA==";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidings-auth-"));
});

afterAll(() => rm(folder, { recursive: true }));

async function reasonOf(file: PasswordFile, userName: string, text = "correct horse"): Promise<number | undefined> {
  const request = { userName, password: new TextEncoder().encode(text) } as AuthenticateRequest;
  return (await file.authenticate(request))?.reasonCode;
}

test("lets in who is in the text", async () => {
  const file = passwordFile({ text: `# people\n${ANNA}\n` });
  expect(file.size).toBe(1);
  expect(await reasonOf(file, "anna")).toBe(0);
  expect(await reasonOf(file, "anna", "incorrect")).toBe(0x86);
  expect(await reasonOf(file, "bert")).toBe(undefined);
  expect(await reasonOf(file, "# people")).toBe(undefined);
});

test("reads the file again when told to, and keeps what it has when that fails", async () => {
  const path = join(folder, "passwords");
  await writeFile(path, "");
  const file = passwordFile({ path });
  expect(await reasonOf(file, "anna")).toBe(undefined);
  await writeFile(path, ANNA);
  expect(await reasonOf(file, "anna")).toBe(undefined);
  await file.reload();
  expect(await reasonOf(file, "anna")).toBe(0);
  await writeFile(path, "anna:plain");
  await expect(file.reload()).rejects.toMatchObject({ code: "TIDINGS_PASSWORD_FILE" });
  await rm(path);
  await expect(file.reload()).rejects.toMatchObject({ code: "ENOENT" });
  expect(await reasonOf(file, "anna")).toBe(0);
  expect(() => passwordFile({ path })).toThrow(expect.objectContaining({ code: "ENOENT" }));
});

test("a text has nothing to be read again", async () => {
  const file = passwordFile({ text: ANNA });
  await file.reload();
  expect(file.size).toBe(1);
  file.replace("");
  expect(file.size).toBe(0);
});
