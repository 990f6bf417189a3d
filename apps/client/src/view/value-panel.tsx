/** The selected topic, live, or one selected message: payload, difference, numbers, properties. */

import { describeError } from "../model/describe-error.js";
import type { MessageRecord } from "../model/message-record.js";
import type { TopicNode } from "../model/topic-tree.js";
import { connection, draftPublish, notify, observatory, retained, selection, slowFrame } from "./app.js";
import { copyText } from "./copy-text.js";
import { formatBytes, formatCount, formatRate, formatTime } from "./format.js";
import { Icon } from "./icon.js";
import { NumberFields } from "./number-fields.js";
import { PayloadView } from "./payload-view.js";
import { PropertiesTable } from "./properties-table.js";

export function ValuePanel() {
  void slowFrame.value;
  const selected = selection.value;
  const node = selected?.kind === "topic" ? observatory.value.tree.find(selected.topic) : undefined;
  const record = selected?.kind === "message" ? selected.record : node?.last;
  const previous = selected?.kind === "message" ? selected.previous : node?.previous;
  const topic = selected?.kind === "topic" ? selected.topic : record?.topic;
  return (
    <section class="panel value-panel" id="panel-value" aria-label="Value">
      <div class="panel-head">
        <h2>{selected?.kind === "message" ? "Message" : "Value"}</h2>
        {topic !== undefined && <TopicActions topic={topic} record={record} />}
      </div>
      {topic === undefined ? (
        <p class="empty">Select a topic or a message to see what it holds.</p>
      ) : (
        <div class="value-body">
          <p class="value-topic mono">{topic}</p>
          {node && <TopicFacts node={node} />}
          {record ? (
            <RecordView record={record} previous={previous} />
          ) : (
            <p class="empty">Nothing was published here.</p>
          )}
        </div>
      )}
    </section>
  );
}

function TopicActions({ topic, record }: { topic: string; record: MessageRecord | undefined }) {
  return (
    <>
      <button
        type="button"
        class="icon-button"
        title="Copy topic"
        aria-label="Copy topic"
        onClick={() => copyText(topic)}
      >
        <Icon name="copy" />
      </button>
      <button
        type="button"
        class="icon-button"
        title="Publish to this topic"
        aria-label="Publish to this topic"
        onClick={() => draftPublish({ topic })}
      >
        <Icon name="send" />
      </button>
      {record?.retain && (
        <button
          type="button"
          class="icon-button"
          title="Delete the retained message"
          aria-label="Delete the retained message"
          onClick={() => deleteRetained(topic)}
        >
          <Icon name="trash" />
        </button>
      )}
    </>
  );
}

async function deleteRetained(topic: string): Promise<void> {
  const client = connection.value?.client;
  if (client === undefined) return notify("bad", "There is no connection. Connect first.");
  try {
    await retained.delete([topic], client);
    notify("good", `The retained message of ${topic} is deleted.`);
  } catch (error) {
    notify("bad", describeError(error));
  }
}

function TopicFacts({ node }: { node: TopicNode }) {
  const below = node.children.size > 0 ? `, ${formatCount(node.messagesBelow)} with those below` : "";
  return (
    <p class="value-facts">
      {formatCount(node.messages)} messages{below} · {formatRate(node.rate.perSecond(Date.now()))}
    </p>
  );
}

function RecordView({ record, previous }: { record: MessageRecord; previous: MessageRecord | undefined }) {
  const facts = [
    formatTime(record.atMs),
    `QoS ${record.qos}`,
    ...(record.retain ? ["retained"] : []),
    ...(record.dup ? ["sent again"] : []),
    ...(record.direction === "sent" ? ["sent by this page"] : []),
    formatBytes(record.payloadBytes),
  ];
  return (
    <>
      <p class="value-facts">{facts.join(" · ")}</p>
      <PayloadView record={record} previous={previous} />
      <NumberFields record={record} />
      {record.properties && <PropertiesTable properties={record.properties} />}
    </>
  );
}
