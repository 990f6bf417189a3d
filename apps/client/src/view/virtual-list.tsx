/**
 * A long list of rows of one height, of which only the visible ones are in the page. One stop for the Tab key; arrows, Page
 * Up and Down, Home and End move the active row, which screen readers follow by `aria-activedescendant`.
 */
import type { ComponentChild } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface RowProps {
  readonly id: string;
  readonly isActive: boolean;
}

interface VirtualListProps {
  role: "listbox" | "tree";
  label: string;
  length: number;
  rowHeight: number;
  /** -1: none. */
  active: number;
  onActive: (index: number) => void;
  /** Renders the row with the given id. */
  row: (index: number, props: RowProps) => ComponentChild;
  /** Keeps the end in sight. */
  isFollowing?: boolean;
  /** Somebody scrolled away from the end, or back to it. */
  onFollow?: (isFollowing: boolean) => void;
  /** True: the key was used. */
  onKey?: (event: KeyboardEvent) => boolean;
  empty?: ComponentChild;
}

/** Rows above and below the window, so that fast scrolling shows no gaps. */
const OVERSCAN_ROWS = 6;

export function VirtualList(props: VirtualListProps) {
  // A list without items would be none to screen readers.
  return props.length === 0 ? <div class="virtual-list">{props.empty}</div> : <Rows {...props} />;
}

function Rows(props: VirtualListProps) {
  const { length, rowHeight, active, isFollowing = false } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [height, setHeight] = useState(600);

  useEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // No dependencies: the end moves with every new row.
  useLayoutEffect(() => {
    const element = scroller.current!;
    if (isFollowing) element.scrollTop = element.scrollHeight;
    if (element.scrollTop !== scrollTop) setScrollTop(element.scrollTop);
  });

  const total = length * rowHeight;
  const top = isFollowing ? Math.max(0, total - height) : Math.min(scrollTop, Math.max(0, total - height));
  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN_ROWS);
  const last = Math.min(length, Math.ceil((top + height) / rowHeight) + OVERSCAN_ROWS);
  const isActiveRendered = active >= first && active < last;

  const handleScroll = (): void => {
    const element = scroller.current!;
    setScrollTop(element.scrollTop);
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight;
    if (isAtEnd !== isFollowing) props.onFollow?.(isAtEnd);
  };
  const activate = (index: number): void => {
    const target = Math.max(0, Math.min(length - 1, index));
    if (target < length - 1) props.onFollow?.(false);
    scrollIntoView(scroller.current!, target, rowHeight);
    props.onActive(target);
  };
  const handleKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const targets: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active === -1 ? length - 1 : active - 1,
      PageDown: active + page,
      PageUp: active === -1 ? length - 1 - page : active - page,
      Home: 0,
      End: length - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) activate(target);
    else if (!props.onKey?.(event)) return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useAriaPropsSupportedByRole: both roles take focus, keys and an active descendant
    <div
      ref={scroller}
      class="virtual-list"
      role={props.role}
      aria-label={props.label}
      aria-activedescendant={isActiveRendered ? `${id}-${active}` : undefined}
      tabIndex={0}
      onScroll={handleScroll}
      onWheel={(event) => event.deltaY < 0 && total > height && props.onFollow?.(false)}
      onKeyDown={handleKey}
    >
      <div role="presentation" class="virtual-space" style={{ height: `${total}px` }}>
        <div role="presentation" class="virtual-window" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, slot) =>
            props.row(first + slot, { id: `${id}-${first + slot}`, isActive: first + slot === active }),
          )}
        </div>
      </div>
    </div>
  );
}

function scrollIntoView(element: HTMLElement, index: number, rowHeight: number): void {
  const top = index * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight) {
    element.scrollTop = top + rowHeight - element.clientHeight;
  }
}
