/**
 * One Topic Filter against another (MQTT 5.0 section 4.7): is every topic of the second one a topic of the first?
 */

/** True if whatever `filter` matches is matched by `pattern` as well. Both are well-formed and not shared. */
export function coversFilter(pattern: string, filter: string): boolean {
  const allowed = pattern.split("/");
  const wanted = filter.split("/");
  // A wildcard in the first level matches nothing that begins with "$" [MQTT-4.7.2-1].
  if (wanted[0].startsWith("$") && (allowed[0] === "#" || allowed[0] === "+")) return false;
  for (let i = 0; i < allowed.length; i++) {
    if (allowed[i] === "#") return true; // it matches the parent level too, as `wanted` may
    if (i >= wanted.length || wanted[i] === "#") return false;
    if (allowed[i] !== "+" && allowed[i] !== wanted[i]) return false;
  }
  return allowed.length === wanted.length;
}
