/** User Properties as lines of `name=value`; order and repeats are kept. */
import type { UserProperty } from "@tidings/packet";
import { FormError } from "./form-error.js";

export function parseUserProperties(typed: string): UserProperty[] {
  return typed
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const equals = line.indexOf("=");
      if (equals === -1) throw new FormError("userProperties", `"${line.trim()}" is not name=value.`);
      return [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
    });
}
