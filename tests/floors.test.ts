/**
 * The floor plan holds: imports go strictly down, the lower floors have no dependencies, and the cores do no IO.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A package may import packages of a lower floor only. */
const FLOORS: Record<string, number> = {
  packet: 0,
  topic: 0,
  session: 1,
  transport: 1,
  broker: 2,
  client: 2,
  auth: 2,
  "mqttjs-compat": 3,
  "store-lmdb": 2,
  metrics: 3,
  admin: 3,
  simulation: 3,
};

/** Parts of a package that may touch the platform. */
const PLATFORM = [
  "packages/transport/src/node/",
  "packages/transport/src/web/",
  "packages/broker/src/node/",
  "packages/client/src/node/",
  "packages/client/src/web/",
  "packages/auth/src/",
  "packages/store-lmdb/src/",
  "packages/metrics/src/",
  "packages/admin/src/",
  "packages/simulation/src/main.ts",
  "packages/mqttjs-compat/src/",
];

/** What a package exists for, or cannot do without. */
const FOREIGN: Record<string, string[]> = {
  transport: ["ws"],
  "store-lmdb": ["lmdb"],
  metrics: [
    "@opentelemetry/api",
    "@opentelemetry/core",
    "@opentelemetry/exporter-metrics-otlp-http",
    "@opentelemetry/exporter-trace-otlp-http",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/sdk-trace-base",
    "prom-client",
  ],
  admin: ["@fastify/swagger", "@fastify/type-provider-typebox", "@sinclair/typebox", "fastify"],
  auth: ["@node-rs/argon2", "jose"],
};

interface SourceFile {
  path: string;
  package: string;
  imports: string[];
  code: string;
}

const files: SourceFile[] = Object.keys(FLOORS).flatMap((name) =>
  listed(join(root, "packages", name, "src"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => {
      const text = readFileSync(path, "utf8");
      const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
      const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1]);
      return { path: relative(root, path), package: name, imports, code };
    }),
);

const cores = files.filter(
  ({ path }) => !PLATFORM.some((part) => path.startsWith(part)) && !path.includes("/testing/"),
);

describe("the floor plan", () => {
  test("is about every package", () => {
    expect(readdirSync(join(root, "packages")).sort()).toEqual(Object.keys(FLOORS).sort());
    for (const name of Object.keys(FLOORS)) expect(files.filter((file) => file.package === name)).not.toEqual([]);
  });

  test("lets imports go strictly down", () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((name) => name.startsWith("@tidings/"))
        .map((name) => name.split("/")[1])
        .filter((name) => name !== file.package && !(FLOORS[name] < FLOORS[file.package]))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("keeps the platform out of the cores", () => {
    const wrong = cores.flatMap(({ path, imports }) =>
      imports
        .filter((name) => !name.startsWith(".") && !name.startsWith("@tidings/"))
        .map((name) => `${path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("keeps clocks, timers, chance and the console out of the cores", () => {
    const forbidden =
      /\b(Date\.now|performance\.now|setTimeout|setInterval|setImmediate|queueMicrotask|Math\.random|console\.|process\.)/g;
    // A default that the host may replace is named here, and what a simulation cannot do without.
    const defaults = new Set([
      "packages/broker/src/broker.ts: Math.random",
      "packages/transport/src/memory-pair.ts: queueMicrotask",
      // Behind all promises, so that nothing in a simulation depends on how long they take.
      "packages/simulation/src/virtual-clock.ts: setImmediate",
    ]);
    const wrong = cores
      .flatMap(({ path, code }) => [...code.matchAll(forbidden)].map((match) => `${path}: ${match[1]}`))
      .filter((place) => !defaults.has(place));
    expect(wrong).toEqual([]);
  });

  test("gives the lower floors no dependencies but the floors below and what a package exists for", () => {
    for (const [name, floor] of Object.entries(FLOORS)) {
      const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
      const foreign = Object.keys(manifest.dependencies ?? {}).filter(
        (dependency) => !dependency.startsWith("@tidings/"),
      );
      expect(foreign, name).toEqual(FOREIGN[name] ?? []);
      for (const dependency of Object.keys(manifest.dependencies ?? {})) {
        if (dependency.startsWith("@tidings/")) expect(FLOORS[dependency.split("/")[1]], name).toBeLessThan(floor);
      }
    }
  });

  test("lets every package's index only list public names", () => {
    for (const name of Object.keys(FLOORS)) {
      const index = readFileSync(join(root, "packages", name, "src/index.ts"), "utf8");
      const rest = index
        .replace(/export\s+(type\s+)?\{[^}]*\}\s+from\s+"[^"]+";/g, "")
        .replace(/\/\*[\s\S]*?\*\//g, "");
      expect(rest.trim(), name).toBe("");
    }
  });
});

function listed(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? dirname(folder), entry.name));
}
