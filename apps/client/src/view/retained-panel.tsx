/** Retained messages of the server: looked up by a filter, shown, and deleted one by one or together. */
import { useSignal } from "@preact/signals";
import { isTopicFilter } from "@tidings/topic";
import { describeError } from "../model/describe-error.js";
import { FormError } from "../model/form-error.js";
import type { MessageRecord } from "../model/message-record.js";
import { connection, frame, notify, openValue, retained, selection } from "./app.js";
import { ConfirmDialog } from "./confirm-dialog.js";
import { TextField } from "./field.js";
import { Form } from "./form.js";
import { formatBytes, formatCount, previewPayload } from "./format.js";
import { Icon } from "./icon.js";
import { type RowProps, VirtualList } from "./virtual-list.js";

const ROW_HEIGHT = 26;

export function RetainedPanel() {
  void frame.value;
  const filter = useSignal("#");
  const marked = useSignal<ReadonlySet<string>>(new Set());
  const isAsking = useSignal(false);
  const records = [...retained.found.values()].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  const doomed = marked.value.size > 0 ? records.filter(({ topic }) => marked.value.has(topic)) : records;
  const shown = selection.value?.kind === "message" ? selection.value.record : undefined;
  const active = shown === undefined ? -1 : records.indexOf(shown);

  const browse = async (): Promise<void> => {
    if (!isTopicFilter(filter.value)) throw new FormError("retainedFilter", "This is no topic filter.");
    marked.value = new Set();
    await retained.browse(currentProfileOrThrow(), filter.value);
  };
  const mark = (topic: string): void => {
    const next = new Set(marked.value);
    if (!next.delete(topic)) next.add(topic);
    marked.value = next;
  };
  const deleteAll = async (): Promise<void> => {
    const client = connection.value?.client;
    if (client === undefined) return notify("bad", "There is no connection. Connect first.");
    try {
      await retained.delete(
        doomed.map(({ topic }) => topic),
        client,
      );
      notify("good", `${formatCount(doomed.length)} retained ${doomed.length === 1 ? "message" : "messages"} deleted.`);
    } catch (error) {
      notify("bad", describeError(error));
    }
    marked.value = new Set();
  };

  return (
    <>
      <Form label="Browse retained messages" class="bar retained-form" onSubmit={browse}>
        <TextField
          label="Topic filter"
          name="retainedFilter"
          value={filter.value}
          isMono
          onChange={(value) => {
            filter.value = value;
          }}
        />
        <button type="submit" class="primary">
          <Icon name="refresh" />
          Browse
        </button>
        <span class="bar-note" role="status">
          {describeState()}
        </span>
        <button
          type="button"
          class="quiet danger"
          disabled={records.length === 0}
          onClick={() => {
            isAsking.value = true;
          }}
        >
          <Icon name="trash" />
          {marked.value.size > 0 ? `Delete ${formatCount(doomed.length)} marked` : "Delete all shown"}
        </button>
      </Form>
      <VirtualList
        role="listbox"
        label="Retained messages"
        length={records.length}
        rowHeight={ROW_HEIGHT}
        active={active}
        onActive={(index) => show(records[index])}
        onKey={({ key }) => {
          if (active === -1 || (key !== " " && key !== "Enter" && key !== "Delete")) return false;
          if (key === " ") mark(records[active].topic);
          else if (key === "Enter") openValue();
          else {
            marked.value = new Set([records[active].topic]);
            isAsking.value = true;
          }
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
        empty={
          <p class="empty">
            Browse shows what the server keeps for a filter. Space marks a message, Delete deletes it.
          </p>
        }
      />
      {isAsking.value && (
        <ConfirmDialog
          title="Delete retained messages?"
          text={`${formatCount(doomed.length)} retained ${doomed.length === 1 ? "message" : "messages"} will be gone for everybody: ${preview(doomed)}`}
          action="Delete"
          onConfirm={deleteAll}
          onClose={() => {
            isAsking.value = false;
          }}
        />
      )}
    </>
  );
}

function preview(records: readonly MessageRecord[]): string {
  const names = records.slice(0, 5).map(({ topic }) => topic);
  return `${names.join(", ")}${records.length > names.length ? ", …" : ""}`;
}

function currentProfileOrThrow() {
  if (connection.value === undefined) throw new Error("There is no connection. Connect first.");
  return connection.value.profile;
}

function describeState(): string {
  const { state, found, skipped, error } = retained;
  const more = skipped > 0 ? `, ${formatCount(skipped)} beyond the limit` : "";
  switch (state) {
    case "idle":
      return "";
    case "collecting":
      return `Reading … ${formatCount(found.size)}`;
    case "done":
      return `${formatCount(found.size)} found${more}`;
    case "failed":
      return `Failed: ${error}`;
  }
}

function show(record: MessageRecord): void {
  selection.value = { kind: "message", record, previous: undefined };
}

interface RetainedRowProps extends RowProps {
  record: MessageRecord;
  isMarked: boolean;
  onMark: () => void;
}

function RetainedRow({ record, isMarked, onMark, id, isActive }: RetainedRowProps) {
  const { topic, payload, payloadBytes, qos } = record;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the list has focus and keys
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      class="message-row"
      onClick={() => openValue({ kind: "message", record, previous: undefined })}
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
      <span class="cell-topic">{topic}</span>
      <span class="cell-payload">{previewPayload(payload)}</span>
      <span class="cell-flags">
        <span class="flag">Q{qos}</span>
      </span>
      <span class="cell-size">{formatBytes(payloadBytes)}</span>
    </div>
  );
}
