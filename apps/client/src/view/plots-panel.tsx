/** Numbers over time, a chart each, so that every line has its own scale; the cursors move together. */

import type { Plot } from "../model/plots.js";
import { connection, drawNow, observatory, selectTopic, slowFrame } from "./app.js";
import { formatCount, formatNumber } from "./format.js";
import { Icon } from "./icon.js";
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
      {plots.all.map((plot, index) => (
        <PlotCard key={plot.key} plot={plot} colour={index % 8} />
      ))}
    </ul>
  );
}

function PlotCard({ plot, colour }: { plot: Plot; colour: number }) {
  void slowFrame.value;
  const { topic, name, series, path } = plot;
  const summary = series.summary();
  const label = `${topic} ${name}`.trim();
  return (
    <li class="plot" data-colour={colour}>
      <div class="plot-head">
        <button type="button" class="link mono" onClick={() => selectTopic(topic)}>
          {topic}
        </button>
        {name !== "" && <span class="plot-field mono">{name}</span>}
        <button
          type="button"
          class="icon-button"
          aria-label={`Remove the plot of ${label}`}
          title="Remove"
          onClick={() => {
            observatory.value.plots.remove(topic, path);
            drawNow();
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      <PlotChart series={series} label={label} colour={colour} version={slowFrame.value} />
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
