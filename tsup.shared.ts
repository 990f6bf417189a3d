import { defineConfig, type Options } from "tsup";

/** The one build of every published package: ESM, CommonJS and types for both, from the given entries. */
export function packageBuild(entry: Record<string, string>, options: Options = {}) {
  return defineConfig({
    entry,
    format: ["esm", "cjs"],
    dts: true,
    clean: true,
    sourcemap: true,
    splitting: true,
    target: "es2022",
    platform: "neutral",
    external: [/^node:/],
    outExtension: ({ format }) => ({ js: format === "cjs" ? ".cjs" : ".js" }),
    ...options,
  });
}
