/**
 * Colours for names, strings and numbers of JSON, by the browser's CSS Custom Highlight API: the text stays one text node,
 * whatever its length. Browsers without it show it plain.
 */
const KINDS = ["name", "text", "number", "word"] as const;
type Kind = (typeof KINDS)[number];

/** Tokens of one text; what is beyond stays plain. */
const TOKENS_MAX = 2_000;

const TOKEN = /("(?:[^"\\\n]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;

/** Returns what takes the colours away again. */
export function highlightJson(node: Text): () => void {
  if (typeof Highlight === "undefined") return () => {};
  const added: [Highlight, Range][] = [];
  for (const match of node.data.matchAll(TOKEN)) {
    if (added.length >= TOKENS_MAX) break;
    const range = new Range();
    range.setStart(node, match.index);
    range.setEnd(node, match.index + (match[1] ?? match[0]).length);
    const highlight = highlightOf(kindOf(match));
    highlight.add(range);
    added.push([highlight, range]);
  }
  return () => {
    for (const [highlight, range] of added) highlight.delete(range);
  };
}

function kindOf([, text, colon, number]: RegExpMatchArray): Kind {
  if (text !== undefined) return colon === undefined ? "text" : "name";
  return number === undefined ? "word" : "number";
}

function highlightOf(kind: Kind): Highlight {
  const name = `json-${kind}`;
  const known = CSS.highlights.get(name);
  if (known) return known;
  const highlight = new Highlight();
  CSS.highlights.set(name, highlight);
  return highlight;
}
