/** The completion scripts in the shells that they are for. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { start } from "./processes.js";
import { startOnTerminal } from "./terminal.js";
import { useProgram } from "./use-program.js";

const under = useProgram();
const { run } = under;

/** Where one is missing its test is skipped; where CI runs it fails. */
function hasShell(name: string): boolean {
  return process.env.CI === "true" || spawnSync(name, ["--version"]).status === 0;
}

describe("completion", () => {
  test("bash completes commands, options and choices", async () => {
    const script = join(under.folder, "completion.bash");
    writeFileSync(script, (await run(["completion", "bash"])).stdout);
    const complete = async (line: string): Promise<string[]> => {
      const words = line.split(" ");
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const test = `source ${script}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _tidings; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await start("bash", ["-c", test]).ended).stdout.trim().split("\n");
    };
    expect(await complete("tidings s")).toEqual(["sub", "simulate"]);
    expect(await complete("tidings bench r")).toEqual(["rtt"]);
    expect(await complete("tidings bench pub --payload")).toEqual(["--payload-size"]);
    expect(await complete("tidings sub --retained")).toEqual(["--retained-only"]);
    expect(await complete("tidings sub --decode c")).toEqual(["cbor"]);
    expect(await complete("tidings completion z")).toEqual(["zsh"]);
  });

  // zsh and fish are asked as somebody would who types: apt-get install zsh fish.
  test.runIf(hasShell("fish"))(
    "fish completes commands, options, choices and files, and says what they are",
    async () => {
      const script = join(under.folder, "completion.fish");
      writeFileSync(script, (await run(["completion", "fish"])).stdout);
      const complete = async (line: string): Promise<string[]> => {
        const { stdout, stderr } = await start("fish", ["-N", "-c", `source ${script}; complete -C '${line}'`], {
          env: { HOME: under.folder },
        }).ended;
        expect(stderr).toBe("");
        return stdout.trimEnd().split("\n");
      };
      expect(await complete("tidings s")).toEqual([
        "simulate\tpublish what devices would: a built-in scenario or a script",
        "sub\tsubscribe and print what comes",
      ]);
      expect(await complete("tidings bench r")).toEqual([expect.stringMatching(/^rtt\t/)]);
      expect(await complete("tidings bench pub --payload-s")).toEqual([expect.stringMatching(/^--payload-size\t/)]);
      expect(await complete("tidings sub --decode c")).toEqual([expect.stringMatching(/^cbor\t/)]);
      expect(await complete("tidings completion ")).toEqual(["bash", "fish", "zsh"]);
      expect(await complete(`tidings pub -f ${script.slice(0, -2)}`)).toEqual([script]);
    },
  );

  test.runIf(hasShell("zsh"))("zsh completes commands, options, choices and files at its prompt", async () => {
    const script = join(under.folder, "_tidings");
    writeFileSync(script, (await run(["completion", "zsh"])).stdout);
    const lines = [
      ...["PS1=", "autoload -U compinit", "compinit -u -D", `source ${script}`],
      ...['tidings() { print -r -- "asked for: $*." }', "print ready"],
    ];
    writeFileSync(join(under.folder, ".zshrc"), `${lines.join("\n")}\n`);
    const zsh = startOnTerminal(["zsh", "-i"], { env: { ZDOTDIR: under.folder } });
    await zsh.says("ready");
    for (const [typed, meant] of [
      ["tidings simu\t--scen\tx", "simulate --scenario x"],
      ["tidings bench rt\t--payl\t8", "bench rtt --payload-size 8"],
      ["tidings sub --decode cb\t", "sub --decode cbor"],
      ["tidings completion fi\t", "completion fish"],
      [`tidings pub -f ${script.slice(0, -2)}\t`, `pub -f ${script}`],
    ]) {
      zsh.type(`${typed}\r`);
      await zsh.says(`asked for: ${meant}.`);
    }
    zsh.type("exit\r");
    expect((await zsh.ended).code).toBe(0);
  });
});
