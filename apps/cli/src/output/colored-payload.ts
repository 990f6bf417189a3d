/** A payload for eyes: JSON by its parts, other text in one colour, what cannot be shown faint. */
import type { Colors } from "./colors.js";

/** Names with their colon, strings, numbers, words. */
const JSON_TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

/** `text` has nothing in it that a terminal would obey. */
export function coloredPayload(text: string, colors: Colors): string {
  if (/^<\d+ bytes: /.test(text)) return colors.dim(text);
  if (!isJson(text)) return colors.green(text);
  return text.replace(JSON_TOKENS, (token, string?: string, colon?: string) => {
    if (colon !== undefined) return `${colors.blue(string)}${colon}`;
    if (string !== undefined) return colors.green(token);
    return /^[tfn]/.test(token) ? colors.magenta(token) : colors.yellow(token);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
