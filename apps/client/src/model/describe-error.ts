/** A failure in one line for the page. */

export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { reasonCode } = error as { reasonCode?: unknown };
  // Most messages name it themselves.
  if (typeof reasonCode !== "number" || /0x[0-9a-f]{2}/i.test(error.message)) return error.message;
  return `${error.message} (0x${reasonCode.toString(16).toUpperCase().padStart(2, "0")})`;
}
