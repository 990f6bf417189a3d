/** `tidings check`, built, against the Tidings broker and mosquitto. */
import { expect, test } from "vitest";
import { hasMosquitto } from "./mosquitto.js";
import type { Ended } from "./processes.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run } = under;

test("check knows where mosquitto 2.0.11 departs, and finds nothing about tidings", async () => {
  const check = async (
    port: number,
  ): Promise<Ended & { report: { departures: number; results: { name: string; outcome: string }[] } }> => {
    const ended = await run(["check", "--json", "-p", String(port)]);
    return { ...ended, report: JSON.parse(ended.stdout) };
  };
  const [ours, theirs] = await Promise.all([
    check(under.ports.tidings),
    hasMosquitto ? check(under.ports.mosquitto) : undefined,
  ]);
  expect(ours.report.results.filter(({ outcome }) => outcome === "departs")).toEqual([]);
  expect(ours.code).toBe(0);
  expect(ours.report.results.length).toBeGreaterThan(70);
  if (theirs === undefined) return;
  expect(theirs.report.results.filter(({ outcome }) => outcome === "yes").length).toBeGreaterThan(60);
  expect(theirs.code).toBe(theirs.report.departures > 0 ? 1 : 0);
});

test("check prints a table", async () => {
  const { stdout, code } = await run(["check", "-p", String(under.ports.tidings)]);
  expect(stdout).toContain("MQTT 3.1.1");
  expect(stdout).toMatch(/ \d+ works, .*\n$/);
  expect(code).toBe(0);
});
