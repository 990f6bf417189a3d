/** The first few of many, in the order of their keys, without sorting the rest. */

/**
 * At most `limit` of `items` with the smallest keys behind `after`. Looks at each once, and keeps no more than about twice as
 * many as are asked for.
 */
export function firstInOrder<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  limit: number,
  after: string | undefined,
): T[] {
  let found: { key: string; item: T }[] = [];
  let bound: string | undefined;
  const settle = (): void => {
    found = found.sort((one, other) => (one.key < other.key ? -1 : 1)).slice(0, limit);
    if (found.length === limit) bound = found.at(-1)?.key;
  };
  for (const item of items) {
    const key = keyOf(item);
    if ((after !== undefined && key <= after) || (bound !== undefined && key >= bound)) continue;
    found.push({ key, item });
    if (found.length > 2 * limit + 16) settle();
  }
  settle();
  return found.map(({ item }) => item);
}
