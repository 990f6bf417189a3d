/** The selected topic, live, or one selected message: payload, difference, numbers, properties. */

import type { MessageRecord } from "../model/message-record.js";
import type { TopicNode } from "../model/topic-tree.js";
import { draftPublish, observatory, retained, type Selection, selection, slowFrame } from "./app.js";
import { copyText } from "./copy-text.js";
import { deleteRetained } from "./delete-retained.js";
import { formatBytes, formatCount, formatRate, formatTime } from "./format.js";
import { IconButton } from "./icon-button.js";
import { NumberFields } from "./number-fields.js";
import { PayloadView } from "./payload-view.js";
import { PropertiesTable } from "./properties-table.js";
import { ValuePlots } from "./value-plots.js";

export function ValuePanel() {
  void slowFrame.value;
  const selected = selection.value;
  const node = selected?.kind === "topic" ? observatory.value.tree.find(selected.topic) : undefined;
  const [record, previous] = recordsOf(selected, node);
  const topic = selected?.kind === "message" ? selected.record.topic : selected?.topic;
  return (
    <section class="panel value-panel" id="panel-value" aria-label="Value">
      <div class="panel-head">
        <h2>{TITLES[selected?.kind ?? "topic"]}</h2>
        {topic !== undefined && <TopicActions topic={topic} record={record} />}
      </div>
      {topic === undefined ? (
        <p class="empty">Select a topic or a message to see what it holds.</p>
      ) : (
        <div class="value-body">
          <p class="value-topic mono">{topic}</p>
          {node && <TopicFacts node={node} />}
          {record ? (
            <RecordView record={record} previous={previous} showsQoS={selected?.kind !== "retained"} />
          ) : (
            <p class="empty">
              {selected?.kind === "retained" ? "It is retained no more." : "Nothing was published here."}
            </p>
          )}
        </div>
      )}
    </section>
  );
}

const TITLES = { topic: "Value", message: "Message", retained: "Retained message" } as const;

/** What is shown, and what it is compared with. */
function recordsOf(selected: Selection | undefined, node: TopicNode | undefined) {
  if (selected?.kind === "message") return [selected.record, selected.previous];
  if (selected?.kind === "retained") return [retained.found.get(selected.topic), undefined];
  return [node?.last, node?.previous];
}

function TopicActions({ topic, record }: { topic: string; record: MessageRecord | undefined }) {
  return (
    <>
      <IconButton icon="copy" label="Copy topic" onClick={() => copyText(topic)} />
      <IconButton icon="send" label="Publish to this topic" onClick={() => draftPublish({ topic })} />
      {record?.retain && (
        <IconButton icon="trash" label="Delete the retained message" onClick={() => deleteRetained([topic])} />
      )}
    </>
  );
}

function TopicFacts({ node }: { node: TopicNode }) {
  const below = node.children.size > 0 ? `, ${formatCount(node.messagesBelow)} with those below` : "";
  return (
    <p class="value-facts">
      {formatCount(node.messages)} messages{below} · {formatRate(node.rate.perSecond(Date.now()))}
    </p>
  );
}

interface RecordViewProps {
  record: MessageRecord;
  previous: MessageRecord | undefined;
  /** Retained messages are read with QoS 0, whatever their own is. */
  showsQoS: boolean;
}

function RecordView({ record, previous, showsQoS }: RecordViewProps) {
  const facts = [
    formatTime(record.atMs),
    ...(showsQoS ? [`QoS ${record.qos}`] : []),
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
      <ValuePlots topic={record.topic} />
      {record.properties && <PropertiesTable properties={record.properties} />}
    </>
  );
}
