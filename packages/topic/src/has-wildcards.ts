/** True if a well-formed `filter` has a `+` or a `#`. */
export function hasWildcards(filter: string): boolean {
  return filter.endsWith("#") || filter.includes("+");
}
