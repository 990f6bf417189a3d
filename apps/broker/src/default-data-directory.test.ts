import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultDataDirectory } from "./default-data-directory.js";

test.each([
  ["linux", {}, ["home", ".local", "state", "tidings", "broker"]],
  ["linux", { XDG_STATE_HOME: "state" }, ["state", "tidings", "broker"]],
  ["freebsd", { XDG_STATE_HOME: "" }, ["home", ".local", "state", "tidings", "broker"]],
  ["darwin", { XDG_STATE_HOME: "state" }, ["home", "Library", "Application Support", "Tidings", "broker"]],
  ["win32", { LOCALAPPDATA: "local" }, ["local", "Tidings", "broker"]],
  ["win32", {}, ["home", "AppData", "Local", "Tidings", "broker"]],
] as const)("on %s with %j", (platform, env, parts) => {
  expect(defaultDataDirectory(platform, env, "home")).toBe(join(...parts));
});
