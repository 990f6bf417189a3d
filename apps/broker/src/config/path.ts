/** Places in the configuration. */
export type Path = readonly (string | number)[];

/** `listeners[0].tls.certificates[1].key` */
export function pathText(path: Path): string {
  return path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");
}

export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

/** Makes what is missing on the way. */
export function setAt(root: Record<string, unknown>, path: Path, value: unknown): void {
  let place: Record<string | number, unknown> = root;
  path.slice(0, -1).forEach((key, index) => {
    const below = Object.hasOwn(place, key) ? place[key] : undefined;
    const isContainer = typeof below === "object" && below !== null;
    const next = (isContainer ? below : typeof path[index + 1] === "number" ? [] : {}) as Record<string, unknown>;
    place[key] = next;
    place = next;
  });
  place[path[path.length - 1]] = value;
}
