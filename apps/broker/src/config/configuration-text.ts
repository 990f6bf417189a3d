/** The text of a configuration file, YAML or JSON, as values that know their lines. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { ConfigurationError } from "./configuration-error.js";
import type { Path } from "./path.js";

export const CONFIGURATION_BYTES_MAX = 4_194_304;
/** Far beyond what the schema has. */
const DEPTH_MAX = 64;
const ALIASES_MAX = 100;

export interface ConfigurationText {
  /** Plain objects, lists, texts, numbers. */
  readonly value: unknown;
  /** Of a value, or of the key where there is none; counted from 1. */
  lineOf(path: Path): number | undefined;
}

/** Throws a `ConfigurationError`. `name` is how messages call the file. */
export function parseConfigurationText(text: string, name: string): ConfigurationText {
  const fail = (message: string, line?: number): never => {
    throw new ConfigurationError([{ place: line === undefined ? name : `${name}:${line}`, path: "", message }]);
  };
  if (text.length > CONFIGURATION_BYTES_MAX) fail("the file is larger than 4 MiB.");
  const lines = new LineCounter();
  let document: ReturnType<typeof parseDocument>;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true });
    if (document.errors.length > 0) {
      const problems = document.errors.map(({ message, pos }) => ({
        place: `${name}:${lines.linePos(pos[0]).line}`,
        path: "",
        message: `this is no valid YAML: ${message.split("\n")[0]}`,
      }));
      throw new ConfigurationError(problems.slice(0, 10));
    }
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
    if (isDeeper(value, DEPTH_MAX)) fail(`it is nested deeper than ${DEPTH_MAX} levels.`);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    fail(`this is no valid YAML: ${(error as Error).message.split("\n")[0]}`);
  }
  return {
    value: value ?? {},
    lineOf: (path) => {
      const offset = offsetOf(document.contents, path);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

/** An alias may lead into what it stands in, which has no end. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((entry) => isDeeper(entry, levels - 1));
}

/** As far down as there is something. */
function offsetOf(contents: unknown, path: Path): number | undefined {
  let node = contents as Node | null | undefined;
  let offset = startOf(node);
  for (const key of path) {
    if (isAlias(node)) return offset;
    if (isMap(node)) {
      const pair = node.items.find((item) => (isScalar(item.key) ? String(item.key.value) : undefined) === String(key));
      if (pair === undefined) return offset;
      offset = startOf(pair.key as Node) ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node) && typeof key === "number") {
      node = node.items[key] as Node | undefined;
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: Node | null | undefined): number | undefined {
  return node?.range?.[0];
}
