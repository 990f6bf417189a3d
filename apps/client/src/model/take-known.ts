/**
 * Saved fields over fresh ones: those that came with a later version of the page keep their defaults, and so do those of the
 * wrong type. A field without a default is an optional number.
 */
export function takeKnown<T extends object>(fresh: T, saved: Partial<T>): T {
  const known = Object.entries(saved).filter(([name, value]) => {
    const expected = fresh[name as keyof T];
    return name in fresh && typeof value === (expected === undefined ? "number" : typeof expected);
  });
  return { ...fresh, ...Object.fromEntries(known) };
}
