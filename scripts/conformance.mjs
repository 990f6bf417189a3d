/**
 * Which test proves which statement of the standards: reads the statements in docs/conformance/, the titles of all tests
 * and the names of all test vectors, and writes docs/conformance.md.
 *
 *     node scripts/conformance.mjs           writes the page
 *     node scripts/conformance.mjs --check   changes nothing; fails when a statement is named by no test of a side that it
 *                                            binds, when a test names no known statement, or when the page is out of date
 *
 * A statement may bind a server, a client, or both. A test counts for the side whose package it stands in; tests of the
 * packages that both sides are built of, and those in tests/, count for both.
 *
 * What counts as naming a statement: a string or template literal that BEGINS with its id in brackets, `[MQTT-3.1.0-1]`
 * for 5.0 and `[3.1.1 MQTT-3.1.0-1]` for 3.1.1; more ids may follow, with nothing but blanks between them. Comments do
 * not count, nor ids further inside a text, nor the titles of tests that are skipped, to do, or known to fail. What
 * concerns nothing that is built here stands in docs/conformance/not-built.json with the reason.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = "docs/conformance.md";
const VERSIONS = ["5.0", "3.1.1"];

/** What the page and `--check` look through, by path from the root. */
const TEST_FILES = [
  /^packages\/[^/]+\/src\/(.+\/)?[^/]+\.test\.ts$/,
  /^packages\/[^/]+\/src\/(.+\/)?testing\/(.+\/)?[^/]+\.ts$/,
  /^apps\/[^/]+\/(src|test)\/(.+\/)?[^/]+\.test\.ts$/,
  /^tests\/(.+\/)?[^/]+\.test\.ts$/,
];

/** Packages and apps that are one side alone, by path from the root. */
const ONE_SIDED = {
  server: /^(packages\/broker|apps\/broker)\//,
  client: /^(packages\/(client|mqttjs-compat)|apps\/(client|cli))\//,
};
const SIDES = ["server", "client"];

// Reading sources.

/**
 * The string and template literals of a TypeScript source, in order: their text as written, their line, and the code
 * before them without comments and with empty literals. Of a template with `${}` the text ends before the first one.
 * Throws on a source that it cannot cut into tokens.
 */
export function* stringLiterals(source) {
  let code = "";
  let line = 1;
  let at = 0;
  /** Depths of "{" at which a template goes on behind "}". */
  const templates = [];
  let depth = 0;

  const literal = (close) => {
    let text = "";
    while (at < source.length) {
      const character = source[at++];
      if (character === "\n") line += 1;
      if (character === close) return text;
      if (close !== "`" && character === "\n") break;
      if (close === "`" && character === "$" && source[at] === "{") {
        at += 1;
        templates.push(depth++);
        return text;
      }
      text += character;
      if (character === "\\") {
        if (source[at] === "\n") line += 1;
        text += source[at++];
      }
    }
    throw new Error(`a literal does not end in line ${line}`);
  };

  while (at < source.length) {
    const character = source[at++];
    if (character === "\n") line += 1;
    if (character === "/" && source[at] === "/") {
      while (at < source.length && source[at] !== "\n") at += 1;
    } else if (character === "/" && source[at] === "*") {
      const end = source.indexOf("*/", at + 1);
      if (end < 0) throw new Error(`a comment does not end in line ${line}`);
      line += source.slice(at, end).split("\n").length - 1;
      at = end + 2;
    } else if (character === "/" && beginsExpression(code)) {
      at = endOfRegularExpression(source, at, line);
      code += "0";
    } else if (character === '"' || character === "'" || character === "`") {
      const before = code;
      const begunIn = line;
      const text = literal(character);
      code += templates.length > 0 && templates.at(-1) === depth - 1 && source[at - 1] === "{" ? "(" : '""';
      yield { text, line: begunIn, before };
    } else if (character === "}" && templates.at(-1) === depth - 1) {
      depth = templates.pop();
      const opened = templates.length;
      literal("`");
      code += templates.length > opened ? "," : ")";
    } else {
      if (character === "{") depth += 1;
      if (character === "}") depth -= 1;
      code += character;
    }
  }
}

/** Whether a "/" behind this code begins a regular expression, and is not a division. */
function beginsExpression(code) {
  const before = code.trimEnd();
  return before === "" || !/[\w$)\]}"]$/.test(before) || /\b(return|typeof|case|in|of|void)$/.test(before);
}

function endOfRegularExpression(source, start, line) {
  let inClass = false;
  for (let at = start; at < source.length && source[at] !== "\n"; at++) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "[") inClass = true;
    else if (source[at] === "]") inClass = false;
    else if (source[at] === "/" && !inClass) return at + 1;
  }
  throw new Error(`a regular expression does not end in line ${line}`);
}

/** The ids that a text begins with, brackets left out; `unreadable` are brackets that were meant to be one. */
function leadingIds(text) {
  const ids = [];
  const unreadable = [];
  let rest = text;
  for (let match = /^\[([^\]]*)\]\s*/.exec(rest); match !== null; match = /^\[([^\]]*)\]\s*/.exec(rest)) {
    const [whole, inside] = match;
    if (/^(3\.1\.1 )?MQTT-\d+(\.\d+)+-\d+$/.test(inside)) ids.push(inside);
    else if (/MQTT/i.test(inside)) unreadable.push(inside);
    else break;
    rest = rest.slice(whole.length);
  }
  return { ids, unreadable };
}

/** True for the title of a test that proves nothing as it stands; `before` is the code in front of the title. */
function isIdle(before) {
  let callee = before.trimEnd();
  if (!callee.endsWith("(")) return false;
  callee = callee.slice(0, -1).trimEnd();
  if (callee.endsWith(")")) callee = callee.slice(0, openingParenthesis(callee)).trimEnd(); // test.fails.each(…)("…"
  return /\b(test|it|describe)(\.\w+)*\.(skip|todo|fails)(\.\w+)*$/.test(callee);
}

function openingParenthesis(code) {
  let open = 0;
  for (let at = code.length - 1; at >= 0; at--) {
    if (code[at] === ")") open += 1;
    else if (code[at] === "(" && --open === 0) return at;
  }
  return 0;
}

/** What a source names: `{ id, line }` for each time, and what cannot be read as an id. */
export function namedIn(source) {
  const named = [];
  const unreadable = [];
  for (const { text, line, before } of stringLiterals(source)) {
    const found = leadingIds(text);
    for (const id of found.unreadable) unreadable.push({ id, line });
    if (isIdle(before)) continue;
    for (const id of found.ids) named.push({ id, line });
  }
  return { named, unreadable };
}

// Judging.

/** The id as tests write it. */
function nameOf(version, id) {
  return version === "3.1.1" ? `3.1.1 ${id}` : id;
}

function binds(side, statement) {
  return statement.side === "both" || statement.side === side;
}

/** Whether one of the test files speaks for the side. */
function proves(side, paths) {
  const other = side === "server" ? ONE_SIDED.client : ONE_SIDED.server;
  return paths.some((path) => !other.test(path));
}

/**
 * `files` are `{ path, source }`; `statements` is `{ "5.0": […], "3.1.1": […] }`; `notBuilt` are `{ statement, because }`.
 * Answers with the test files of each name, sorted, the places that name nothing known, and the reasons by name.
 */
export function survey(files, statements, notBuilt = []) {
  const tests = new Map();
  for (const version of VERSIONS) for (const { id } of statements[version]) tests.set(nameOf(version, id), []);
  const unknown = [];
  for (const { path, source } of files) {
    const { named, unreadable } = namedIn(source);
    for (const { id, line } of [...named, ...unreadable]) {
      const paths = tests.get(id);
      if (paths === undefined) unknown.push({ path, line, id });
      else if (!paths.includes(path)) paths.push(path);
    }
  }
  for (const paths of tests.values()) paths.sort();
  const exempt = new Map(notBuilt.map(({ statement, because }) => [statement, because]));
  return { tests, unknown, exempt };
}

/** Statements that bind the side and that no test of it names. */
function unproven(side, version, statements, { tests, exempt }) {
  return statements.filter((one) => {
    const name = nameOf(version, one.id);
    return binds(side, one) && !exempt.has(name) && !proves(side, tests.get(name));
  });
}

/** Lines to print; none when all is well. */
export function complaints(found, statements, pageIsCurrent) {
  const { tests, unknown, exempt } = found;
  const lines = [];
  for (const version of VERSIONS) {
    for (const side of SIDES) {
      const missing = unproven(side, version, statements[version], found);
      if (missing.length === 0) continue;
      lines.push(`MQTT ${version}, binding a ${side} and named by no test of it (${missing.length}):`);
      for (const { id, level, says } of missing) lines.push(`  [${nameOf(version, id)}] ${level}: ${says}`);
    }
  }
  if (unknown.length > 0) {
    lines.push("Named by a test, but no statement of the standard:");
    for (const { path, line, id } of unknown) lines.push(`  ${path}:${line} [${id}]`);
  }
  const mistaken = [...exempt.keys()].filter((name) => tests.get(name)?.length !== 0);
  if (mistaken.length > 0) {
    lines.push("Said to concern nothing that is built, but named by a test or unknown:");
    for (const name of mistaken) lines.push(`  [${name}]`);
  }
  if (!pageIsCurrent) lines.push(`${PAGE} is out of date: run "pnpm conformance" and commit it.`);
  return lines;
}

// Writing.

export function page(statements, { tests, exempt }) {
  const lines = [
    "# Conformance",
    "",
    "Generated by `pnpm conformance`; do not edit. Every normative statement of MQTT 5.0 and 3.1.1, with the tests that",
    "name it. A statement must be named by a test of each side that it binds, or `pnpm check` fails: tests of the broker count",
    "for the server, tests of the client for the client, tests of what both are built of for both. The wording is ours; the",
    "standards have the last word.",
    "",
    "| version | binds | statements | named by a test | not built | open |",
    "|---|---|--:|--:|--:|--:|",
  ];
  for (const version of VERSIONS) {
    for (const side of SIDES) {
      const some = statements[version].filter((one) => binds(side, one));
      const named = some.filter(({ id }) => proves(side, tests.get(nameOf(version, id)))).length;
      const left = some.filter(({ id }) => exempt.has(nameOf(version, id))).length;
      lines.push(`| ${version} | ${side} | ${some.length} | ${named} | ${left} | ${some.length - named - left} |`);
    }
  }
  for (const version of VERSIONS) {
    lines.push("", `## MQTT ${version}`);
    let section = "";
    for (const statement of statements[version]) {
      const next = statement.section.split(".").slice(0, 2).join(".");
      if (next !== section) {
        section = next;
        lines.push("", `### ${version}, section ${section}`, "");
        lines.push("| statement | side | level | what it says | tests |", "|---|---|---|---|---|");
      }
      const { id, side, level, says } = statement;
      const name = nameOf(version, id);
      const paths = tests.get(name);
      let shown = "**no test**";
      if (exempt.has(name)) shown = `not built: ${escaped(exempt.get(name))}`;
      if (paths.length > 0) shown = paths.map(linkTo).join("<br>");
      lines.push(`| ${id} | ${side} | ${level} | ${escaped(says)} | ${shown} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function linkTo(path) {
  return `[${path.replace(/^packages\//, "").replace("/src/", "/")}](../${path})`;
}

function escaped(text) {
  return text.replace(/[|<>*_`]/g, (character) => `\\${character}`);
}

// Running.

function* pathsUnder(directory) {
  for (const name of readdirSync(directory).sort()) {
    if (name === "node_modules" || name === "dist" || name.startsWith(".")) continue;
    const path = join(directory, name);
    if (statSync(path).isDirectory()) yield* pathsUnder(path);
    else yield relative(ROOT, path).split(sep).join("/");
  }
}

function readTestFiles() {
  const files = [];
  for (const top of ["packages", "apps", "tests"]) {
    for (const path of pathsUnder(join(ROOT, top))) {
      if (!TEST_FILES.some((pattern) => pattern.test(path))) continue;
      files.push({ path, source: readFileSync(join(ROOT, path), "utf8") });
    }
  }
  return files;
}

function main(isCheck) {
  const statements = {};
  for (const version of VERSIONS) {
    statements[version] = JSON.parse(readFileSync(join(ROOT, `docs/conformance/statements-${version}.json`), "utf8"));
  }
  const notBuilt = JSON.parse(readFileSync(join(ROOT, "docs/conformance/not-built.json"), "utf8"));
  const found = survey(readTestFiles(), statements, notBuilt);
  const text = page(statements, found);
  if (!isCheck) writeFileSync(join(ROOT, PAGE), text);
  let current = "";
  try {
    current = readFileSync(join(ROOT, PAGE), "utf8");
  } catch {
    // Not written yet: out of date.
  }
  const lines = complaints(found, statements, current === text);
  for (const line of lines) console.log(line);
  if (lines.length === 0) console.log("conformance: every statement is named by a test of each side that it binds");
  if (isCheck && lines.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(process.argv.includes("--check"));
