/** One line over time, drawn by uPlot. Its numbers stand beside it as text. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Series } from "../model/series.js";
import { theme } from "./theme.js";

const HEIGHT = 150;
const CURSORS = uPlot.sync("plots");

interface PlotChartProps {
  series: Series;
  label: string;
  colour: number;
  /** Draws anew when it changes. */
  version: number;
}

export function PlotChart({ series, label, colour, version }: PlotChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const wantedTheme = theme.value;

  useEffect(() => {
    const element = place.current!;
    chart.current = new uPlot(chartOptions(element), chartData(series), element);
    const observer = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = (): void => {
      chart.current?.destroy();
      chart.current = new uPlot(chartOptions(element), chartData(series), element);
    };
    scheme.addEventListener("change", redraw);
    return () => {
      scheme.removeEventListener("change", redraw);
      observer.disconnect();
      chart.current?.destroy();
    };
  }, [series, colour, wantedTheme]);

  useEffect(() => chart.current?.setData(chartData(series)), [version]);

  return <div ref={place} class="plot-chart" role="img" aria-label={`${label} over time`} />;
}

function chartData({ times, values }: Series): uPlot.AlignedData {
  return [times, values];
}

/** Canvas knows no custom properties, so colours are read from the element. */
function chartOptions(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const line = style.getPropertyValue("border-left-color");
  const text = style.getPropertyValue("color");
  const grid = style.getPropertyValue("border-bottom-color");
  const font = `11px ${style.fontFamily}`;
  const axis: uPlot.Axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { sync: { key: CURSORS.key }, y: false },
    legend: { show: false },
    padding: [8, 8, 0, 0],
    axes: [
      { ...axis, space: 80, size: 30, values: TIME_LABELS },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      { stroke: line, width: 1.5, points: { show: (_, __, first, last) => last - first < 60, size: 4, fill: line } },
    ],
  };
}

/** uPlot's own begin with the date. Seconds, or parts of them where the ticks are closer. */
const TIME_LABELS: uPlot.Axis["values"] = (_, ticks, __, ___, step) =>
  ticks.map((seconds) =>
    new Date(seconds * 1_000).toLocaleTimeString("en-GB", step < 1 ? { ...CLOCK, fractionalSecondDigits: 1 } : CLOCK),
  );

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
