/** Numbers over time, a chart each, so that every line has its own scale; the cursors move together. */

import type { Plot } from "../model/plots.js";
import { connection, drawNow, observatory, selectTopic, slowFrame } from "./app.js";
import { formatCount, formatNumber } from "./format.js";
import { IconButton } from "./icon-button.js";
import { PlotChart } from "./plot-chart.js";

export function PlotsPanel() {
  void slowFrame.value;
  const { plots } = observatory.value;
  if (plots.all.length === 0) {
    return (
      <p class="empty">
        Nothing is plotted. Select a topic whose value has numbers, and switch them on under Numbers.
        {connection.value === undefined && " Connect first."}
      </p>
    );
  }
  return (
    <ul class="plots">
      {plots.all.map((plot) => (
        <PlotCard key={plot.key} plot={plot} />
      ))}
    </ul>
  );
}

function PlotCard({ plot }: { plot: Plot }) {
  void slowFrame.value;
  const { topic, name, series, path, colour } = plot;
  const summary = series.summary();
  const label = `${topic} ${name}`.trim();
  return (
    <li class="plot" data-colour={colour}>
      <div class="plot-head">
        <button type="button" class="link mono" onClick={() => selectTopic(topic)}>
          {topic}
        </button>
        {name !== "" && <span class="plot-field mono">{name}</span>}
        <IconButton
          icon="close"
          label={`Remove the plot of ${label}`}
          onClick={() => {
            observatory.value.plots.remove(topic, path);
            drawNow();
          }}
        />
      </div>
      <PlotChart plot={plot} version={slowFrame.value} />
      {summary && (
        <dl class="plot-figures">
          {(["last", "min", "max", "mean"] as const).map((figure) => (
            <div key={figure}>
              <dt>{figure}</dt>
              <dd>{formatNumber(summary[figure])}</dd>
            </div>
          ))}
          <div>
            <dt>points</dt>
            <dd data-testid="points">{formatCount(series.length)}</dd>
          </div>
        </dl>
      )}
    </li>
  );
}
