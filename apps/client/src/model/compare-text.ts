/** What changed from one text to the next, line by line; bounded in time and size. */
import { diffLines } from "diff";

interface ComparedLine {
  readonly kind: "same" | "added" | "removed" | "gap";
  readonly text: string;
}

const COMPARED_CHARACTERS_MAX = 131_072;
const COMPARE_TIMEOUT_MS = 60;
/** Lines of context around a change; more is folded. */
const CONTEXT_LINES = 3;

/** Undefined: too much to compare in reasonable time. */
export function compareText(before: string, after: string): ComparedLine[] | undefined {
  if (before.length + after.length > COMPARED_CHARACTERS_MAX) return undefined;
  const changes = diffLines(withEnd(before), withEnd(after), { timeout: COMPARE_TIMEOUT_MS });
  if (changes === undefined) return undefined;
  return fold(
    changes.flatMap(({ value, added, removed }) => {
      const kind = added ? "added" : removed ? "removed" : "same";
      return value
        .replace(/\n$/, "")
        .split("\n")
        .map((text): ComparedLine => ({ kind, text }));
    }),
  );
}

/** Without it the last line would differ from the same line in the middle. */
function withEnd(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function fold(lines: ComparedLine[]): ComparedLine[] {
  const isNear = new Uint8Array(lines.length);
  lines.forEach(({ kind }, index) => {
    if (kind !== "same") isNear.fill(1, Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1);
  });
  const folded: ComparedLine[] = [];
  let hidden = 0;
  const closeGap = (): void => {
    if (hidden > 0) folded.push({ kind: "gap", text: `${hidden} unchanged ${hidden === 1 ? "line" : "lines"}` });
    hidden = 0;
  };
  lines.forEach((line, index) => {
    if (isNear[index] === 0) hidden += 1;
    else {
      closeGap();
      folded.push(line);
    }
  });
  closeGap();
  return folded;
}
