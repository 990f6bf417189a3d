/** One line over time, drawn by uPlot. Its numbers stand beside it as text. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Plot } from "../model/plots.js";
import type { Series } from "../model/series.js";
import { theme } from "./theme.js";

const HEIGHT_DEFAULT = 150;
const CURSORS = uPlot.sync("plots");

interface PlotChartProps {
  plot: Plot;
  height?: number;
  /** Draws anew when it changes. */
  version: number;
}

export function PlotChart({ plot, height = HEIGHT_DEFAULT, version }: PlotChartProps) {
  const { series, colour, topic, name } = plot;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const wantedTheme = theme.value;

  useEffect(() => {
    const element = place.current!;
    chart.current = new uPlot(chartOptions(element, height), chartData(series), element);
    const observer = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(chartOptions(element, height), chartData(series), element);
    };
    scheme.addEventListener("change", redraw);
    return () => {
      scheme.removeEventListener("change", redraw);
      observer.disconnect();
      chart.current?.destroy();
    };
  }, [series, colour, height, wantedTheme]);

  useEffect(() => chart.current?.setData(chartData(series)), [version]);

  const label = `${topic} ${name}`.trim();
  return (
    <div
      ref={place}
      class="plot-chart"
      data-colour={colour}
      style={{ height: `${height}px` }}
      role="img"
      aria-label={`${label} over time`}
    />
  );
}

function chartData({ times, values }: Series): uPlot.AlignedData {
  return [times, values];
}

/** Canvas knows no custom properties, so colours are read from the element. */
function chartOptions(element: HTMLElement, height: number): uPlot.Options {
  const style = getComputedStyle(element);
  const line = style.getPropertyValue("border-left-color");
  const text = style.getPropertyValue("color");
  const grid = style.getPropertyValue("border-bottom-color");
  const font = `11px ${style.fontFamily}`;
  const axis: uPlot.Axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    width: element.clientWidth,
    height,
    cursor: { sync: { key: CURSORS.key }, y: false },
    legend: { show: false },
    padding: [8, 34, 0, 0],
    scales: { y: { range: valueRange } },
    axes: [
      { ...axis, space: 70, size: 30, values: TIME_LABELS },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      { stroke: line, width: 1.5, points: { show: (_, __, first, last) => last - first < 60, size: 4, fill: line } },
    ],
  };
}

/** Of a value that never changes, uPlot would show everything from zero to its double. */
function valueRange(_: uPlot, lowest: number, highest: number): uPlot.Range.MinMax {
  if (lowest !== highest) return uPlot.rangeNum(lowest, highest, 0.1, true);
  const room = Math.max(Math.abs(lowest) / 100, 1);
  return [lowest - room, highest + room];
}

/** uPlot's own begin with the date. Seconds, or parts of them where the ticks are closer. */
const TIME_LABELS: uPlot.Axis["values"] = (_, ticks, __, ___, step) =>
  ticks.map((seconds) =>
    new Date(seconds * 1_000).toLocaleTimeString("en-GB", step < 1 ? { ...CLOCK, fractionalSecondDigits: 1 } : CLOCK),
  );

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
