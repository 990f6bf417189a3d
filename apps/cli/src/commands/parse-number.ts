/** Numbers on the command line. */
import { InvalidArgumentError } from "commander";

/** From 0, fractions allowed. */
export function parseSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
    throw new InvalidArgumentError("Use a number of seconds from 0.");
  }
  return value;
}

/** Above 0, fractions allowed. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0) || value === Number.POSITIVE_INFINITY) {
    throw new InvalidArgumentError("Use a number above 0.");
  }
  return value;
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("Use a whole number from 1.");
  return Number(text);
}

/** A whole number from 0. */
export function parseWhole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("Use a whole number from 0.");
  return Number(text);
}
