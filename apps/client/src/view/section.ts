/** Which part of the workspace is in front. Wide pages show topics, value and publishing always, beside the others. */
import { signal } from "@preact/signals";

export const CENTRE_SECTIONS = ["messages", "plots", "retained", "requests"] as const;
const SIDE_SECTIONS = ["topics", "value", "publish"] as const;
export type Section = (typeof CENTRE_SECTIONS)[number] | (typeof SIDE_SECTIONS)[number];

/** As in layout.css. */
const NARROW = matchMedia("(max-width: 1023px)");

export const section = signal<Section>("messages");

export function showSection(wanted: Section): void {
  if (!isSide(wanted) || NARROW.matches) section.value = wanted;
}

NARROW.addEventListener("change", () => {
  if (isSide(section.value) && !NARROW.matches) section.value = "messages";
});

function isSide(wanted: Section): boolean {
  return SIDE_SECTIONS.some((side) => side === wanted);
}
