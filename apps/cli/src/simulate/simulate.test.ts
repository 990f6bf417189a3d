import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isTopicName } from "@tidings/topic";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUILT_IN_SCENARIOS } from "./built-in-scenarios.js";
import { builtInScenario, loadScenario, type SimulatedDevice } from "./scenario.js";
import { seededRandom } from "./seeded-random.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tidings-simulate-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const device = (random = seededRandom(1)): SimulatedDevice => ({
  index: 3,
  clientIdentifier: "device-3",
  sequence: 0,
  now: new Date(0),
  random,
  state: {},
});

test("the same seed gives the same numbers, all from 0 to 1", () => {
  const [first, second, other] = [seededRandom(7), seededRandom(7), seededRandom(8)];
  const numbers = Array.from({ length: 1000 }, first);
  expect(Array.from({ length: 1000 }, second)).toEqual(numbers);
  expect(Array.from({ length: 1000 }, other)).not.toEqual(numbers);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, number) => sum + number, 0) / 1000).toBeCloseTo(0.5, 1);
});

test.each(BUILT_IN_SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  "%s makes messages",
  async (_name, scenario) => {
    const one = device();
    const texts = new Set<string>();
    for (let count = 0; count < 200; count++) {
      const made = await scenario.generate(one);
      for (const { topic, payload } of [made ?? []].flat()) {
        expect(isTopicName(topic ?? scenario.topic ?? "")).toBe(true);
        const text = JSON.stringify(payload);
        expect(text).not.toMatch(/null|NaN/);
        texts.add(text);
      }
    }
    expect(texts.size).toBeGreaterThan(10);
  },
);

test("a scenario by a name that there is not", () => {
  expect(() => builtInScenario("moon")).toThrow('There is no scenario "moon". There are weather, ');
});

test("scripts: a function, an object, CommonJS, and what is none", async () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const plain = await loadScenario(write("function.mjs", "export default ({ index }) => ({ payload: index })"));
  expect(await plain.generate(device())).toEqual({ payload: 3 });
  const whole = await loadScenario(
    write("object.mjs", "export const name = 'n', topic = 't'; export function generate() {}"),
  );
  expect(whole).toMatchObject({ name: "n", topic: "t" });
  const common = await loadScenario(write("common.cjs", "module.exports = () => ({ payload: 'c' })"));
  expect(await common.generate(device())).toEqual({ payload: "c" });
  await expect(loadScenario(write("none.mjs", "export default 1"))).rejects.toThrow("exports no scenario");
  await expect(loadScenario(write("broken.mjs", "throw new Error('oh no')"))).rejects.toThrow("oh no");
  await expect(loadScenario(join(folder, "missing.mjs"))).rejects.toThrow("Cannot load the scenario");
});
