/** What `deploy/` holds is read by the tools that it is for. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const deploy = join(root, "deploy");

/** Output of a program, which has to end well. */
function run(program: string, ...words: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: "utf8", cwd: root });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout + stderr;
}

describe("Docker", () => {
  const dockerfile = readFileSync(join(deploy, "docker/Dockerfile"), "utf8");

  test("the Dockerfile has no mistake that its linter knows", () => {
    expect(validate(dockerfile)).toEqual([]);
  });

  test("the image is made of files that are there", () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => files.split(" "));
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test("the image runs as a user without privileges, and says whether it is well", () => {
    const lastStage = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(lastStage).toMatch(/^USER node$/m);
    expect(lastStage).toMatch(/^HEALTHCHECK /m);
  });

  test("the compose file has no mistake that its linter knows", () => {
    run(
      "npx",
      "dclint",
      "--config",
      join(deploy, "docker/.dclintrc.json"),
      "--max-warnings",
      "0",
      join(deploy, "docker"),
    );
  });
});

describe("systemd", () => {
  const unit = readFileSync(join(deploy, "systemd/tidings-broker.service"), "utf8");

  test("the unit is one that systemd takes, and leaves little exposed", () => {
    const directory = mkdtempSync(join(tmpdir(), "tidings-test-"));
    const path = join(directory, "tidings-broker.service");
    writeFileSync(path, unit.replace("/usr/bin/tidings-broker", process.execPath));
    try {
      expect(run("systemd-analyze", "verify", "--man=no", path)).toBe("");
      run("systemd-analyze", "security", "--offline=yes", "--threshold=20", path);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("Prometheus", () => {
  test("the rules say what their own tests expect", () => {
    expect(run("promtool", "check", "config", join(deploy, "prometheus/prometheus.yaml"))).toContain("SUCCESS");
    expect(run("promtool", "test", "rules", join(deploy, "prometheus/alerts.test.yaml"))).toContain("SUCCESS");
  });
});
