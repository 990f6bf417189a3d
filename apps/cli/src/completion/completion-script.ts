/** Completion scripts for bash, zsh and fish, made from commander's tree: whatever a command has can be completed. */
import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Options whose value is a path. */
const PATHS = /<(path|file|folder)>|\[file\]/;

interface CompletionNode {
  /** `tidings bench pub` is `["bench", "pub"]`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly Command[];
  readonly options: readonly Option[];
  /** What the first argument may be, if only a few words. */
  readonly choices: readonly string[];
}

export function completionScript(shell: Shell, program: Command): string {
  const nodes = nodesOf(program, []);
  switch (shell) {
    case "bash":
      return bashScript(program.name(), nodes);
    case "zsh":
      return zshScript(program.name(), nodes);
    case "fish":
      return fishScript(program.name(), nodes);
  }
}

function nodesOf(command: Command, path: readonly string[]): CompletionNode[] {
  const help = command.createHelp();
  const node: CompletionNode = {
    path,
    description: command.description(),
    commands: help.visibleCommands(command),
    options: help.visibleOptions(command),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  const children = node.commands.filter((child) => child.name() !== "help");
  return [node, ...children.flatMap((child) => nodesOf(child, [...path, child.name()]))];
}

function flagsOf({ short, long }: Option): string[] {
  return [short, long].filter((flag) => flag !== undefined);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** The functions are named after the path: `_tidings_bench_pub`. */
function bashScript(name: string, nodes: readonly CompletionNode[]): string {
  const cases = nodes.map(({ path, commands, options, choices }) => {
    const words = [...commands.map((command) => command.name()), ...choices, ...options.flatMap(flagsOf)];
    const values = options
      .filter(takesValue)
      .map((option) => `        ${flagsOf(option).join("|")}) ${bashValue(option)}; return ;;`);
    return [
      `    "${path.join(" ")}")`,
      '      case "$previous" in',
      ...values,
      "      esac",
      `      words="${words.join(" ")}" ;;`,
    ].join("\n");
  });
  return `# bash completion for ${name}
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path/$word" in
${nodes
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      "${path.slice(0, -1).join(" ")}/${path.at(-1)}") path="${path.join(" ")}" ;;`)
  .join("\n")}
    esac
  done
  COMPREPLY=()
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}
`;
}

function bashValue(option: Option): string {
  if (option.argChoices !== undefined)
    return `COMPREPLY=($(compgen -W "${option.argChoices.join(" ")}" -- "$current"))`;
  return PATHS.test(option.flags) ? 'COMPREPLY=($(compgen -f -- "$current"))' : "COMPREPLY=()";
}

function zshScript(name: string, nodes: readonly CompletionNode[]): string {
  const functions = nodes.map(({ path, commands, options, choices }) => {
    const functionName = ["", name, ...path].join("_").replaceAll("-", "_");
    const specs = options.map((option) => `    ${zshQuoted(zshSpec(option))}`);
    if (commands.length === 0) {
      const argument = choices.length > 0 ? `    '1:word:(${choices.join(" ")})'` : "    '*:file:_files'";
      return `${functionName}() {\n  _arguments -s \\\n${[...specs, argument].join(" \\\n")}\n}`;
    }
    const names = commands.map((command) => `      ${zshQuoted(`${command.name()}:${command.description()}`)}`);
    const dispatch = commands
      .filter((command) => command.name() !== "help")
      .map((command) => `        ${command.name()}) ${functionName}_${command.name().replaceAll("-", "_")} ;;`);
    return `${functionName}() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  local line state
  _arguments -C \\
${[...specs, "    '1: :->command'", "    '*:: :->rest'"].join(" \\\n")}
  case $state in
    command) _describe command commands ;;
    rest)
      case $line[1] in
${dispatch.join("\n")}
      esac ;;
  esac
}`;
  });
  return `#compdef ${name}\n${functions.join("\n")}\ncompdef _${name} ${name}\n`;
}

/** `(-t --topic){-t,--topic}'[where to]:value:'`, as `_arguments` wants it, but for each flag by itself. */
function zshSpec(option: Option): string {
  const flags = flagsOf(option);
  const description = option.description.replace(/[[\]:]/g, " ");
  const value = !takesValue(option)
    ? ""
    : option.argChoices !== undefined
      ? `:value:(${option.argChoices.join(" ")})`
      : PATHS.test(option.flags)
        ? ":path:_files"
        : ":value: ";
  return flags.map((flag) => `*${flag}[${description}]${value}`).join("\n");
}

/** Specs of several flags come line by line. */
function zshQuoted(text: string): string {
  return text
    .split("\n")
    .map((line) => `'${line.replaceAll("'", "'\\''")}'`)
    .join(" \\\n    ");
}

function fishScript(name: string, nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(({ path, commands, options, choices }) => {
    const condition = fishCondition(path, commands);
    const start = `complete -c ${name} -n ${fishQuoted(condition)}`;
    return [
      ...commands.map((command) => `${start} -f -a ${command.name()} -d ${fishQuoted(command.description())}`),
      ...(choices.length > 0 ? [`${start} -f -a ${fishQuoted(choices.join(" "))}`] : []),
      ...options.map((option) => `${start} ${fishOption(option)}`),
    ];
  });
  return `# fish completion for ${name}\n${lines.join("\n")}\n`;
}

/** The words of the path are there, and none of the commands below. */
function fishCondition(path: readonly string[], commands: readonly Command[]): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const names = commands.map((command) => command.name());
  const none = names.length === 0 ? [] : [`not __fish_seen_subcommand_from ${names.join(" ")}`];
  return [...seen, ...none].join("; and ") || "true";
}

function fishOption(option: Option): string {
  const { short, long, description } = option;
  const value = !takesValue(option)
    ? ""
    : option.argChoices !== undefined
      ? ` -x -a ${fishQuoted(option.argChoices.join(" "))}`
      : PATHS.test(option.flags)
        ? " -r -F"
        : " -x";
  const flags = `${short === undefined ? "" : `-s ${short.slice(1)} `}${long === undefined ? "" : `-l ${long.slice(2)} `}`;
  return `${flags}-d ${fishQuoted(description)}${value}`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
