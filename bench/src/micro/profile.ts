/** A CPU profile of one piece of work, for the performance panel of a browser or an editor. */
import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

/** Runs `work`, which is warmed up by one run before; answers with the path of the profile. */
export async function profile(name: string, work: () => void): Promise<string> {
  work();
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const folder = fileURLToPath(new URL("../../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const path = `${folder}${name.replace(/[^a-z0-9.]+/gi, "-")}.cpuprofile`;
  writeFileSync(path, JSON.stringify(profile));
  return path;
}
