/** `$XDG_CONFIG_HOME/mosquitto_sub` or `~/.config/mosquitto_sub`: an option on each line, with its value behind a space. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MosquittoTool } from "./mosquitto-command.js";

/** Its words; none when there is no such file. */
export function readOptionsFile(tool: MosquittoTool, environment = process.env): string[] {
  const folder = environment.XDG_CONFIG_HOME ?? (environment.HOME && join(environment.HOME, ".config"));
  if (!folder) return [];
  try {
    return parseOptionsFile(readFileSync(join(folder, tool), "utf8"));
  } catch {
    return [];
  }
}

/** Lines that begin with # are comments. */
export function parseOptionsFile(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const space = line.indexOf(" ");
    return space === -1 ? [line] : [line.slice(0, space), line.slice(space + 1)];
  });
}
