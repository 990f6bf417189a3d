import { defineConfig } from "tsup";

/** A program for Node, not a library: its own code in one file, every dependency imported as it is installed. */
export default defineConfig({
  entry: ["src/main.ts"],
  format: "esm",
  target: "node20",
  platform: "node",
  sourcemap: true,
  clean: true,
});
