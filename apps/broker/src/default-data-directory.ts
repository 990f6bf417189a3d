/** Where a program keeps its state when nobody says otherwise, by the customs of each platform. */
import { homedir } from "node:os";
import { join } from "node:path";

export function defaultDataDirectory(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string {
  switch (platform) {
    case "win32":
      return join(env["LOCALAPPDATA"] || join(home, "AppData", "Local"), "Tidings", "broker");
    case "darwin":
      return join(home, "Library", "Application Support", "Tidings", "broker");
    default:
      return join(env["XDG_STATE_HOME"] || join(home, ".local", "state"), "tidings", "broker");
  }
}
