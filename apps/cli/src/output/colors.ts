/** Colours, or none: on a terminal that has them, unless NO_COLOR says otherwise. */
import pico from "picocolors";

export type Colors = ReturnType<typeof pico.createColors>;

export function createColors(isTerminal: boolean): Colors {
  return pico.createColors(isTerminal && pico.isColorSupported);
}
