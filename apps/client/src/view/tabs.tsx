/** A list of tabs with one stop for the Tab key; left, right, Home and End move. */
import { useEffect, useRef } from "preact/hooks";

export interface Tab<T extends string> {
  readonly id: T;
  readonly text: string;
  /** Shown behind the text. */
  readonly count?: number;
  /** Only where the page is too narrow to show its panel beside the others. */
  readonly isNarrowOnly?: boolean;
}

interface TabsProps<T extends string> {
  label: string;
  tabs: readonly Tab<T>[];
  selected: T;
  onSelect: (id: T) => void;
}

export function Tabs<T extends string>({ label, tabs, selected, onSelect }: TabsProps<T>) {
  const handleKey = (event: KeyboardEvent): void => {
    const list = event.currentTarget as HTMLElement;
    // Tabs for narrow pages are not displayed on wide ones.
    const shown = [...list.querySelectorAll<HTMLElement>("[role=tab]")].filter(({ offsetParent }) => offsetParent);
    const at = shown.indexOf(document.activeElement as HTMLElement);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 };
    const target = steps[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const tab = shown[(target + shown.length) % shown.length];
    onSelect(tab.dataset["tab"] as T);
    tab.focus();
  };
  const list = useRef<HTMLDivElement>(null);
  // On narrow pages the list is wider than the page.
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [selected]);
  return (
    <div ref={list} class="tabs" role="tablist" aria-label={label} onKeyDown={handleKey}>
      {tabs.map(({ id, text, count, isNarrowOnly }) => (
        <button
          key={id}
          id={`tab-${id}`}
          data-tab={id}
          type="button"
          role="tab"
          class={isNarrowOnly ? "tab narrow-only" : "tab"}
          aria-selected={id === selected}
          aria-controls={`panel-${id}`}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {text}
          {count !== undefined && count > 0 && <span class="tab-count">{count}</span>}
        </button>
      ))}
    </div>
  );
}
