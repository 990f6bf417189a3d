/** The message list with its search, pause, export and clearing. */
import type { MessageRecord } from "../model/message-record.js";
import { drawNow, frame, observatory, openValue, selection, selectMessage, slowFrame } from "./app.js";
import { downloadRecords } from "./download-records.js";
import { formatBytes, formatCount, formatTime, previewPayload } from "./format.js";
import { Icon } from "./icon.js";
import { type RowProps, VirtualList } from "./virtual-list.js";

const ROW_HEIGHT = 26;

export function MessagesPanel() {
  return (
    <>
      <MessagesBar />
      <MessageList />
    </>
  );
}

function MessagesBar() {
  void slowFrame.value;
  const { list, ring, sequence } = observatory.value;
  const missed = list.missed(sequence);
  return (
    <div class="bar">
      <label class="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label="Search messages"
          placeholder="Search: words, topic:word, -word"
          value={list.query}
          onInput={({ currentTarget }) => {
            list.search(currentTarget.value);
            drawNow();
          }}
        />
      </label>
      <span class="bar-note" data-testid="shown">
        {list.query.trim() === ""
          ? formatCount(list.length)
          : `${formatCount(list.length)} of ${formatCount(ring.length)}`}
      </span>
      <button type="button" class="quiet" aria-pressed={list.isPaused} onClick={() => setFollowing(list.isPaused)}>
        <Icon name={list.isPaused ? "play" : "pause"} />
        {list.isPaused ? `Resume${missed > 0 ? ` (${formatCount(missed)} new)` : ""}` : "Pause"}
      </button>
      <button type="button" class="quiet" disabled={list.length === 0} onClick={() => downloadRecords(list.records())}>
        <Icon name="download" />
        Export
      </button>
      <button
        type="button"
        class="quiet"
        disabled={ring.length === 0}
        onClick={() => {
          observatory.value.clearMessages();
          drawNow();
        }}
      >
        <Icon name="trash" />
        Clear
      </button>
    </div>
  );
}

function MessageList() {
  void frame.value;
  const { list } = observatory.value;
  list.update();
  const selected = selection.value?.kind === "message" ? list.indexOf(selection.value.record.sequence) : -1;
  return (
    <VirtualList
      role="listbox"
      label="Messages"
      length={list.length}
      rowHeight={ROW_HEIGHT}
      active={selected}
      onActive={(index) => activate(list.at(index))}
      isFollowing={!list.isPaused}
      onFollow={setFollowing}
      onKey={({ key }) => {
        if (key !== "Enter") return false;
        openValue();
        return true;
      }}
      row={(index, props) => <MessageRow key={props.id} record={list.at(index)!} {...props} />}
      empty={<p class="empty">{list.query.trim() === "" ? "No messages yet." : "No message matches."}</p>}
    />
  );
}

function setFollowing(isFollowing: boolean): void {
  const { list } = observatory.value;
  if (isFollowing) list.resume();
  else list.pause();
  drawNow();
}

function activate(record: MessageRecord | undefined): void {
  if (record) selectMessage(record);
}

function MessageRow({ record, id, isActive }: RowProps & { record: MessageRecord }) {
  const { topic, payload, payloadBytes, qos, retain, dup, direction, colour, atMs } = record;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the list has focus and keys
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      class={`message-row message-${direction}`}
      data-colour={colour}
      onClick={() => {
        selectMessage(record);
        openValue();
      }}
    >
      <span class="cell-time">{formatTime(atMs)}</span>
      <span class="cell-direction" title={direction}>
        {direction === "sent" ? "↑" : "↓"}
        <span class="unseen"> {direction}</span>
      </span>
      <span class="cell-topic">{topic}</span>
      <span class="cell-payload">{payloadBytes === 0 ? <i>empty</i> : previewPayload(payload)}</span>
      <span class="cell-flags">
        {retain && (
          <span class="flag" title="Retained">
            R
          </span>
        )}
        {dup && (
          <span class="flag" title="Sent again (DUP)">
            D
          </span>
        )}
        <span class="flag" title={`QoS ${qos}`}>
          Q{qos}
        </span>
      </span>
      <span class="cell-size">{formatBytes(payloadBytes)}</span>
    </div>
  );
}
