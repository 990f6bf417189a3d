/**
 * JSON as C programs with cJSON write it, mosquitto_sub among them: keys in their order and with repeats, numbers with as
 * few digits as give them back (15 or 17), and tabs when it is to be pretty. `JSON.stringify` would reorder keys that look
 * like numbers.
 */

export type JsonNode = null | boolean | number | string | JsonNode[] | JsonMembers;

/** Members of an object, in order. */
export class JsonMembers {
  readonly entries: [name: string, value: JsonNode][] = [];

  add(name: string, value: JsonNode): this {
    this.entries.push([name, value]);
    return this;
  }
}

/** Undefined when the text is not JSON. A byte order mark or anything behind the value is not JSON either. */
export function parseJsonNode(text: string): JsonNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // Valid from here on: tokens alone give the structure.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g) as string[];
  let position = 0;
  const value = (): JsonNode => {
    const token = tokens[position++];
    if (token === "{") return members();
    if (token === "[") return elements();
    return JSON.parse(token) as string | number | boolean | null;
  };
  const members = (): JsonNode => {
    const object = new JsonMembers();
    while (tokens[position] !== "}") {
      if (tokens[position] === ",") position += 1;
      const name = JSON.parse(tokens[position]) as string;
      position += 2;
      object.add(name, value());
    }
    position += 1;
    return object;
  };
  const elements = (): JsonNode => {
    const array: JsonNode[] = [];
    while (tokens[position] !== "]") {
      if (tokens[position] === ",") position += 1;
      array.push(value());
    }
    position += 1;
    return array;
  };
  return value();
}

/** On one line, without spaces. */
export function writeJson(node: JsonNode): string {
  if (Array.isArray(node)) return `[${node.map(writeJson).join(",")}]`;
  if (node instanceof JsonMembers) {
    return `{${node.entries.map(([name, value]) => `${writeString(name)}:${writeJson(value)}`).join(",")}}`;
  }
  return writeScalar(node);
}

/** Members on lines of their own, indented by tabs; arrays stay on a line. */
export function writePrettyJson(node: JsonNode, depth = 0): string {
  if (Array.isArray(node)) return `[${node.map((element) => writePrettyJson(element, depth + 1)).join(", ")}]`;
  if (!(node instanceof JsonMembers)) return writeScalar(node);
  const indent = "\t".repeat(depth + 1);
  const lines = node.entries.map(
    ([name, value]) => `${indent}${writeString(name)}:\t${writePrettyJson(value, depth + 1)}`,
  );
  const body = lines.length === 0 ? "" : `${lines.join(",\n")}\n`;
  return `{\n${body}${"\t".repeat(depth)}}`;
}

function writeScalar(node: null | boolean | number | string): string {
  if (typeof node === "string") return writeString(node);
  return typeof node === "number" ? writeNumber(node) : String(node);
}

function writeString(text: string): string {
  return JSON.stringify(text);
}

/** Fifteen digits where they mean the same number, otherwise seventeen; the exponent has at least two. */
function writeNumber(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (Object.is(value, -0)) return "-0";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const short = Number(value.toPrecision(15));
  const largest = Math.max(Math.abs(short), Math.abs(value));
  const digits = Math.abs(short - value) <= largest * Number.EPSILON ? 15 : 17;
  return generalNotation(value, digits);
}

/** C's `%.<digits>g`. */
function generalNotation(value: number, digits: number): string {
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) return withoutZeros(value.toFixed(digits - 1 - exponent));
  const sign = exponent < 0 ? "-" : "+";
  return `${withoutZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function withoutZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
