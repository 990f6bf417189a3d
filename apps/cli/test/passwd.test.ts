/** `tidings passwd`, built, as they are used at a terminal. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasMosquitto, startMosquitto } from "./mosquitto.js";
import { type Ended, start } from "./processes.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run } = under;

describe("passwd", () => {
  test("makes, changes, verifies and deletes", async () => {
    const path = join(under.folder, "passwords");
    const set = (words: string[], password: string): Promise<Ended> =>
      run(["passwd", ...words], { env: { TIDINGS_PASSWORD: password } });
    expect((await set(["-c", path, "anna"], "one")).code).toBe(0);
    expect((await run(["passwd", path, "bert"], { input: "two\n" })).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^anna:\$argon2id\$v=19\$m=19456,t=2,p=1\$\S+\nbert:\$argon2id\$\S+\n$/);
    expect((await set(["--verify", path, "anna"], "one")).code).toBe(0);
    expect((await set(["--verify", path, "anna"], "two")).code).toBe(1);
    expect((await run(["passwd", "-D", path, "anna"])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^bert:\S+\n$/);
    expect(await run(["passwd", "-D", path, "anna"])).toMatchObject({
      code: 1,
      stderr: `tidings: There is no user "anna" in ${path}.\n`,
    });
  });

  test.runIf(hasMosquitto)("mosquitto takes our files, and we read its", async () => {
    const path = join(under.folder, "mosquitto-passwords");
    const words = ["passwd", "-H", "sha512-pbkdf2", "-b"];
    expect((await run([...words, "-c", path, "anna", "one"])).code).toBe(0);
    expect((await run([...words, "-I", "101", path, "bert", "two"])).code).toBe(0);
    writeFileSync(path, `${readFileSync(path, "utf8")}carl:three\n`);
    expect((await run(["passwd", "-U", path])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^anna:\$7\$10000\$\S+\nbert:\$7\$101\$\S+\ncarl:\$7\$\S+\n$/);
    const { port } = await startMosquitto(["allow_anonymous false", `password_file ${path}`]);
    const login = async (user: string, password: string): Promise<number | null> =>
      (await start("mosquitto_pub", ["-p", String(port), "-t", "a", "-n", "-u", user, "-P", password]).ended).code;
    expect(
      await Promise.all([login("anna", "one"), login("bert", "two"), login("carl", "three"), login("anna", "two")]),
    ).toEqual([0, 0, 0, 5]);
    await start("mosquitto_passwd", ["-b", path, "dora", "four"]).ended;
    expect((await run(["passwd", "--verify", path, "dora"], { env: { TIDINGS_PASSWORD: "four" } })).code).toBe(0);
  });
});
