/** The broker app behind the command line. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort } from "./mosquitto.js";
import { start } from "./processes.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run } = under;

test("tidings broker runs the broker with its own options, and tidings store looks into what it keeps", async () => {
  const port = String(await freePort());
  // From sources: the broker app has a database of machine code in it, which no bundle takes in.
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const node = ["--conditions=@tidings/source", "--import", "tsx", main];
  const state = ["--data", join(under.folder, "state")];
  const words = ["broker", "--port", port, "--no-ws", ...state, "--log-level", "info"];
  const broker = start(process.execPath, [...node, ...words], { keepInput: true });
  await broker.says(`mqtt://127.0.0.1:${port}`);
  expect((await run(["pub", "-p", port, "-t", "a", "-m", "x", "-q", "1", "-r"])).code).toBe(0);
  const store = async (action: string): Promise<unknown> => {
    const { code, stdout } = await start(process.execPath, [...node, "store", action, ...state]).ended;
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };
  expect(await store("stats")).toMatchObject({ inUse: true, retainedMessages: 1 });
  expect(await store("compact")).toMatchObject({ bytesAfter: expect.any(Number) });
  expect(await store("verify")).toEqual({ problems: 0 });
  broker.child.kill("SIGTERM");
  expect((await broker.ended).code).toBe(0);
});
