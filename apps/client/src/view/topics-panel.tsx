/** The topic tree: last value, count and rate of each topic, live. */
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type TreeRow, treeRows } from "../model/tree-rows.js";
import { drawNow, observatory, openValue, selection, selectTopic, slowFrame, treeExpansion } from "./app.js";
import { formatCount, formatRate, formatShort, previewPayload } from "./format.js";
import { Icon } from "./icon.js";
import { type RowProps, VirtualList } from "./virtual-list.js";

const ROW_HEIGHT = 26;

export function TopicsPanel() {
  void slowFrame.value;
  const search = useSignal("");
  const { tree } = observatory.value;
  const rows = useMemo(
    () => treeRows(tree.root, treeExpansion, search.value),
    [tree, tree.structureVersion, treeExpansion.version, search.value],
  );
  const selected = selection.value?.kind === "topic" ? selection.value.topic : undefined;
  const active = selected === undefined ? -1 : rows.findIndex(({ node }) => node.topic === selected);
  return (
    <section class="panel topics-panel" aria-label="Topics">
      <div class="panel-head">
        <h2>Topics</h2>
        <span class="bar-note">{formatCount(tree.root.topicsBelow)}</span>
        <button
          type="button"
          class="icon-button"
          title="Open all"
          aria-label="Open all topics"
          onClick={() => setAll(true)}
        >
          <Icon name="plus" />
        </button>
        <button type="button" class="icon-button" title="Forget topics" aria-label="Forget all topics" onClick={forget}>
          <Icon name="trash" />
        </button>
      </div>
      <label class="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label="Search topics"
          placeholder="Find a topic"
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value;
          }}
        />
      </label>
      <VirtualList
        role="tree"
        label="Topic tree"
        length={rows.length}
        rowHeight={ROW_HEIGHT}
        active={active}
        onActive={(index) => selectTopic(rows[index].node.topic)}
        onKey={(event) => handleTreeKey(event, rows, active)}
        row={(index, props) => <TopicRow key={props.id} row={rows[index]} {...props} />}
        empty={<p class="empty">{search.value === "" ? "No topics yet." : "No topic matches."}</p>}
      />
    </section>
  );
}

/** Right opens or goes in, left closes or goes out, as in any tree. */
function handleTreeKey({ key }: KeyboardEvent, rows: readonly TreeRow[], active: number): boolean {
  const row = rows[active];
  if (row === undefined) return false;
  const { node, isExpanded, hasChildren } = row;
  if (key === "Enter") openValue();
  else if (key === " ") toggle(row);
  else if (key === "ArrowRight") {
    if (!hasChildren) return false;
    if (isExpanded) selectTopic(rows[active + 1].node.topic);
    else toggle(row);
  } else if (key === "ArrowLeft") {
    if (isExpanded && hasChildren) toggle(row);
    else if (node.parent && node.parent.depth > 0) selectTopic(node.parent.topic);
  } else return false;
  return true;
}

function toggle({ node, isExpanded }: TreeRow): void {
  treeExpansion.set(node, !isExpanded);
  drawNow();
}

function setAll(isExpanded: boolean): void {
  treeExpansion.setAll(observatory.value.tree.root, isExpanded);
  drawNow();
}

function forget(): void {
  observatory.value.clearTopics();
  drawNow();
}

function TopicRow({ row, id, isActive }: RowProps & { row: TreeRow }) {
  const { node, isExpanded, hasChildren, position, siblings } = row;
  const { last } = node;
  const rate = node.rate.perSecond(Date.now());
  return (
    // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the tree has focus and keys
    <div
      id={id}
      role="treeitem"
      class="topic-row"
      aria-level={node.depth}
      aria-expanded={hasChildren ? isExpanded : undefined}
      aria-selected={isActive}
      aria-posinset={position}
      aria-setsize={siblings}
      data-topic={node.topic}
      style={{ paddingLeft: `${6 + (node.depth - 1) * 14}px` }}
      onClick={() => openValue({ kind: "topic", topic: node.topic })}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the arrow keys do the same */}
      <span
        class={hasChildren ? `twist${isExpanded ? " is-open" : ""}` : "twist is-leaf"}
        onClick={(event) => {
          if (!hasChildren) return;
          event.stopPropagation();
          toggle(row);
        }}
      >
        {hasChildren && <Icon name="chevron" />}
      </span>
      <span class="topic-level">{node.level === "" ? <i>empty</i> : node.level}</span>
      {last && (
        <span class="topic-value">{last.payloadBytes === 0 ? <i>empty</i> : previewPayload(last.payload, 80)}</span>
      )}
      {last?.retain && (
        <span class="flag" title="Retained">
          R
        </span>
      )}
      <span class="topic-count">
        {rate >= 0.05 && <span class="topic-rate">{formatRate(rate)}</span>}
        {formatShort(node.messagesBelow)}
      </span>
    </div>
  );
}
