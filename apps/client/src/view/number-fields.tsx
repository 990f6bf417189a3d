/** Numbers in a payload, each with the switch that plots it. */
import { useMemo } from "preact/hooks";
import { payloadValue } from "../model/decode-payload.js";
import type { MessageRecord } from "../model/message-record.js";
import { type FieldPath, fieldName, numericFields } from "../model/numeric-fields.js";
import { PLOTS_MAX } from "../model/plots.js";
import { drawNow, notify, observatory } from "./app.js";
import { formatNumber } from "./format.js";
import { Icon } from "./icon.js";

export function NumberFields({ record }: { record: MessageRecord }) {
  const { topic } = record;
  const fields = useMemo(() => numericFields(payloadValue(record)), [record]);
  const { plots } = observatory.value;
  if (fields.length === 0) return null;
  return (
    <div class="number-fields">
      <h3>Numbers</h3>
      <ul>
        {fields.map(({ path, value }) => {
          const name = fieldName(path) || "value";
          const isPlotted = plots.has(topic, path);
          return (
            <li key={name}>
              <button
                type="button"
                class="chip"
                aria-pressed={isPlotted}
                title={isPlotted ? "Remove from the plots" : "Plot over time"}
                onClick={() => togglePlot(record, path, isPlotted)}
              >
                <Icon name="plot" />
                <span class="unseen">Plot </span>
                <span class="chip-name">{name}</span>
                <span class="chip-value">{formatNumber(value)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function togglePlot(record: MessageRecord, path: FieldPath, isPlotted: boolean): void {
  const { plots, ring } = observatory.value;
  if (isPlotted) plots.remove(record.topic, path);
  else if (!plots.add(record.topic, path)) notify("bad", `There is room for ${PLOTS_MAX} plots. Remove one first.`);
  else plots.fill(record.topic, path, ring);
  drawNow();
}
