/**
 * The matching rule of the standard in its plainest form (MQTT 5.0 and 3.1.1 section 4.7), to judge faster code by. Splits
 * and recurses, so it is for tests. Takes well-formed strings; a `$share/` filter is to be taken apart before.
 */
export function matchesOracle(filter: string, name: string): boolean {
  if (name.startsWith("$") && /^[+#]/.test(filter)) return false; // 4.7.2
  return matchLevels(filter.split("/"), name.split("/"));
}

function matchLevels([filter, ...filters]: string[], [name, ...names]: string[]): boolean {
  if (filter === "#") return true;
  if (filter === undefined || name === undefined) return filter === name;
  if (filter !== "+" && filter !== name) return false;
  return matchLevels(filters, names);
}
