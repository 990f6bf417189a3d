/** The plots of the topic that is shown, beside its value. */
import { observatory, slowFrame } from "./app.js";
import { PlotChart } from "./plot-chart.js";
import { section } from "./section.js";

const HEIGHT = 110;

export function ValuePlots({ topic }: { topic: string }) {
  void slowFrame.value;
  if (section.value === "plots") return null; // they are larger there
  return (
    <>
      {observatory.value.plots.of(topic).map((plot) => (
        <div class="value-plot" key={plot.key} data-colour={plot.colour}>
          <h3 class="plot-field mono">{plot.name || "value"}</h3>
          <PlotChart plot={plot} height={HEIGHT} version={slowFrame.value} />
        </div>
      ))}
    </>
  );
}
