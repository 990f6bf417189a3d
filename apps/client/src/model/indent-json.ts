/**
 * Indents JSON without changing a token: numbers keep their digits and members their order, which parsing and printing
 * would not promise.
 */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** `source` is valid JSON. */
export function indentJson(source: string): string {
  const tokens = source.match(TOKEN) ?? [];
  let depth = 0;
  let text = "";
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === "{" || token === "[") {
      const isEmpty = tokens[index + 1] === "}" || tokens[index + 1] === "]";
      text += token;
      if (isEmpty) text += tokens[(index += 1)];
      else text += newLine((depth += 1));
    } else if (token === "}" || token === "]") text += newLine((depth -= 1)) + token;
    else if (token === ",") text += token + newLine(depth);
    else text += token === ":" ? ": " : token;
  }
  return text;
}

function newLine(depth: number): string {
  return `\n${"  ".repeat(depth)}`;
}
