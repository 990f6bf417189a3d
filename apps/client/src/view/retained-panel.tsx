/** Retained messages of the server: looked up by a filter, shown as they change, deleted one by one or together. */
import { useSignal } from "@preact/signals";
import { isTopicFilter } from "@tidings/topic";
import { useEffect, useMemo } from "preact/hooks";
import { FormError } from "../model/form-error.js";
import type { MessageRecord } from "../model/message-record.js";
import { connected, openValue, retained, selection, selectRetained, slowFrame } from "./app.js";
import { useDraft } from "./bind-fields.js";
import { ConfirmDialog } from "./confirm-dialog.js";
import { countMessages, deleteRetained } from "./delete-retained.js";
import { TextField } from "./field.js";
import { Form } from "./form.js";
import { formatBytes, formatCount, previewPayload } from "./format.js";
import { Icon } from "./icon.js";
import { type RowProps, VirtualList } from "./virtual-list.js";

const ROW_HEIGHT = 26;

export function RetainedPanel() {
  void slowFrame.value;
  const { draft, field } = useDraft({ filter: "#" });
  const marked = useSignal<ReadonlySet<string>>(new Set());
  /** What the dialog asks about; messages that come meanwhile are not among them. */
  const doomed = useSignal<readonly string[] | undefined>(undefined);
  const records = useMemo(
    () => [...retained.found.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    [retained.version],
  );
  const shown = selection.value?.kind === "retained" ? selection.value.topic : undefined;
  const active = shown === undefined ? -1 : records.findIndex(({ topic }) => topic === shown);
  const topicsMarked = records.map(({ topic }) => topic).filter((topic) => marked.value.has(topic));
  // It costs the server and the line as much as the page's own Subscriptions.
  useEffect(() => () => retained.close(), []);

  const browse = (): void => {
    if (!isTopicFilter(draft.filter)) throw new FormError("filter", "This is no topic filter.");
    marked.value = new Set();
    void retained.open(connected().profile, draft.filter);
  };
  const mark = (topic: string): void => {
    const next = new Set(marked.value);
    if (!next.delete(topic)) next.add(topic);
    marked.value = next;
  };
  const ask = (topics: readonly string[]): void => {
    doomed.value = topics;
  };

  return (
    <>
      <Form label="Browse retained messages" class="bar retained-form" onSubmit={browse}>
        <TextField label="Topic filter" {...field("filter")} isMono />
        <button type="submit" class="primary">
          <Icon name="refresh" />
          Browse
        </button>
        {(retained.state.kind === "opening" || retained.state.kind === "open") && (
          <button type="button" onClick={() => retained.close()}>
            Stop
          </button>
        )}
        <span class="bar-note" role="status">
          {describeState()}
        </span>
        <button
          type="button"
          class="quiet danger"
          disabled={records.length === 0}
          onClick={() => ask(topicsMarked.length > 0 ? topicsMarked : records.map(({ topic }) => topic))}
        >
          <Icon name="trash" />
          {topicsMarked.length > 0 ? `Delete ${formatCount(topicsMarked.length)} marked` : "Delete all shown"}
        </button>
      </Form>
      <VirtualList
        role="listbox"
        label="Retained messages"
        length={records.length}
        rowHeight={ROW_HEIGHT}
        active={active}
        onActive={(index) => selectRetained(records[index].topic)}
        onKey={({ key }) => {
          if (active === -1 || (key !== " " && key !== "Enter" && key !== "Delete")) return false;
          if (key === " ") mark(records[active].topic);
          else if (key === "Enter") openValue();
          else ask([records[active].topic]);
          return true;
        }}
        row={(index, props) => (
          <RetainedRow
            key={props.id}
            record={records[index]}
            isMarked={marked.value.has(records[index].topic)}
            onMark={() => mark(records[index].topic)}
            {...props}
          />
        )}
        empty={<Empty />}
      />
      {doomed.value && (
        <ConfirmDialog
          title="Delete retained messages?"
          text={`${countMessages(doomed.value.length)} will be gone for everybody: ${preview(doomed.value)}`}
          action="Delete"
          onConfirm={() => deleteRetained(doomed.value!)}
          onClose={() => {
            doomed.value = undefined;
          }}
        />
      )}
    </>
  );
}

function Empty() {
  if (retained.state.kind === "open") return <p class="empty">The server has sent nothing for this filter.</p>;
  return (
    <p class="empty">
      Browse shows what the server keeps for a filter, and goes on showing what changes. Space marks a message, Delete
      deletes it. Topics that begin with $ match only filters that begin so, such as <span class="mono">$SYS/#</span>.
    </p>
  );
}

function preview(topics: readonly string[]): string {
  return `${topics.slice(0, 5).join(", ")}${topics.length > 5 ? ", …" : ""}`;
}

function describeState(): string {
  const { state, found, skipped } = retained;
  const count = `${formatCount(found.size)} found${skipped > 0 ? `, ${formatCount(skipped)} beyond the limit` : ""}`;
  switch (state.kind) {
    case "idle":
      return "";
    case "opening":
      return "Reading …";
    case "open":
      return state.isFollowing ? `${count}, live` : `${count} so far`;
    case "closed":
      return count;
    case "failed":
      return `${count}. ${state.reason}`;
  }
}

interface RetainedRowProps extends RowProps {
  record: MessageRecord;
  isMarked: boolean;
  onMark: () => void;
}

function RetainedRow({ record, isMarked, onMark, id, isActive }: RetainedRowProps) {
  const { topic, payload, payloadBytes } = record;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the list has focus and keys
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      class="message-row"
      onClick={() => openValue({ kind: "retained", topic })}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the space bar does the same */}
      <span
        class={isMarked ? "mark is-marked" : "mark"}
        onClick={(event) => {
          event.stopPropagation();
          onMark();
        }}
      >
        {isMarked && <span class="unseen">marked</span>}
      </span>
      <span class="cell-topic">
        <bdi>{topic}</bdi>
      </span>
      <span class="cell-payload">{previewPayload(payload)}</span>
      <span class="cell-size">{formatBytes(payloadBytes)}</span>
    </div>
  );
}
