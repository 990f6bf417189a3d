/** Builds the command as it is shipped, but with everything inside but the broker app, and from sources, so that no package need be built. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

export interface BuiltProgram {
  /** Of `tidings`. */
  readonly path: string;
  /** A link to it by another name. */
  link(name: string): string;
  remove(): void;
}

export async function buildProgram(): Promise<BuiltProgram> {
  const folder = mkdtempSync(join(tmpdir(), "tidings-cli-built-"));
  await build({
    config: false,
    silent: true,
    entry: { tidings: fileURLToPath(new URL("../src/main.ts", import.meta.url)) },
    outDir: folder,
    format: "esm",
    outExtension: () => ({ js: ".mjs" }),
    target: "node20",
    platform: "node",
    splitting: true,
    noExternal: [/./],
    external: ["@tidings/broker-app"],
    // What is CommonJS inside asks for Node's modules with `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    esbuildOptions: (options) => {
      options.conditions = ["@tidings/source", "node", "import"];
    },
  });
  const path = join(folder, "tidings.mjs");
  return {
    path,
    link: (name) => {
      const link = join(folder, name);
      symlinkSync(path, link);
      return link;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
