import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Tests run on sources: the condition leads from one package to the next without a build.
const conditions = ["@tidings/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/{src,test}/**/*.test.ts",
      "tests/**/*.test.ts",
      "examples/**/*.test.ts",
      "bench/src/**/*.test.ts",
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Much of the time goes into waiting for processes and sockets.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    pool: "threads",
  },
});
