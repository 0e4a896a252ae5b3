import type uPlot from 'uplot';
import type { Curve, Range } from './points.js';

export interface Drawn {
  readonly curves: readonly Curve[];
  readonly log: boolean;
  /** The visible part of the x axis; absent for all of it. */
  readonly range?: Range;
  /** The end of the y axis; absent for the highest value. */
  readonly top?: number;
}

export interface PlotOptions {
  readonly formatX: (value: number) => string;
  /** @param step between two ticks */
  readonly formatY: (value: number, step: number) => string;
  /** Upper limit of all values, such as 1 for a share. */
  readonly highest?: number;
  /** Called with the x under the pointer, or undefined when it has left. */
  readonly onHover: (x: number | undefined) => void;
  /** Called when a part of the x axis was selected by dragging. */
  readonly onZoom: (range: Range) => void;
  readonly onReset: () => void;
}

/** A curve as it is drawn: smoothed, or faintly behind its smoothed form. */
export interface Line extends Curve {
  readonly faint: boolean;
}

interface SettingsOptions extends PlotOptions {
  /** Moves the crosshair. @returns its position, in pixels */
  readonly move: (plot: uPlot, left: number) => number;
}

/** Opacity of an unsmoothed curve. */
const FAINT = 0.28;
/** Narrower selections do not zoom. */
const LEAST_SELECTION_PIXELS = 4;

/** uPlot's settings for some lines. */
export function plotSettings(
  lines: readonly Line[],
  { log, top }: Pick<Drawn, 'log' | 'top'>,
  options: SettingsOptions,
): Omit<uPlot.Options, 'width' | 'height'> {
  return {
    legend: { show: false },
    padding: [8, 14, 0, 0],
    scales: {
      x: { time: false, auto: false },
      y: { distr: log ? 3 : 1, ...(log ? {} : rangeOf(top, options.highest)) },
    },
    series: [{}, ...lines.map(seriesOf)],
    axes: axesOf(options),
    cursor: cursorOf(lines, options),
    hooks: { setSelect: [(plot) => zoomToSelection(plot, options)] },
  };
}

function rangeOf(top: number | undefined, highest: number | undefined): Pick<uPlot.Scale, 'range'> {
  if (top !== undefined) return { range: [0, top] };
  if (highest === undefined) return {};
  return { range: { min: { pad: 0.1, hard: 0 }, max: { pad: 0.1, hard: highest } } };
}

function seriesOf({ name, color, faint, dashed = false, dots = false }: Line): uPlot.Series {
  return {
    label: name,
    stroke: () => canvasColor(color, faint ? FAINT : 1),
    width: faint ? 1 : 1.75,
    spanGaps: true,
    ...(dashed ? { dash: [5, 4] } : {}),
    points: {
      show: dots,
      size: 5,
      fill: () => canvasColor(color),
      stroke: () => canvasColor(color),
    },
  };
}

function axesOf({ formatX, formatY }: PlotOptions): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: () => canvasColor('--ink-faint'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => canvasColor('--line'), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  return [
    {
      ...axis,
      size: 26,
      space: 70,
      values: (_plot, splits) => splits.map((value) => formatX(value)),
    },
    {
      ...axis,
      size: 54,
      values: (_plot, splits, _axis, _space, step) =>
        splits.map((value) => (value === null ? '' : formatY(value, step))),
    },
  ];
}

function cursorOf(lines: readonly Line[], { move, onReset }: SettingsOptions): uPlot.Cursor {
  return {
    y: false,
    move: (plot, left, at) => [move(plot, left), at],
    points: { size: 7, show: (_plot, index) => marker(lines[index - 1]?.faint ?? false) },
    drag: { x: true, y: false, setScale: false },
    dataIdx: (plot, series, closest) => indexOfValue(plot, series, closest),
    bind: {
      dblclick: () => () => {
        onReset();
        return null;
      },
    },
  };
}

function zoomToSelection(plot: uPlot, { onZoom }: PlotOptions): void {
  const { left, width } = plot.select;
  if (width < LEAST_SELECTION_PIXELS) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom({ from, to });
}

/**
 * A joined table has gaps where other curves have an x: the nearest value is used, and none beyond
 * the ends of the curve.
 */
function indexOfValue(plot: uPlot, series: number, closest: number): number | null {
  const column = plot.data[series];
  const xs = plot.data[0];
  if (series === 0 || !column) return closest;
  const isValue = (index: number): boolean => typeof column[index] === 'number';
  if (isValue(closest)) return closest;
  let [left, right] = [closest - 1, closest + 1];
  while (left >= 0 && !isValue(left)) left -= 1;
  while (right < column.length && !isValue(right)) right += 1;
  if (left < 0 || right >= column.length) return null;
  const at = xs[closest] ?? 0;
  return at - (xs[left] ?? 0) < (xs[right] ?? 0) - at ? left : right;
}

/** An unsmoothed curve has no marker. */
function marker(faint: boolean): HTMLElement {
  const element = document.createElement('div');
  element.className = faint ? 'u-cursor-pt hidden' : 'u-cursor-pt';
  return element;
}

let probe: HTMLElement | undefined;

/**
 * Resolves a custom property to a colour for a canvas, which does not resolve them itself.
 *
 * @param property such as `--series-1`
 * @param alpha 0 to 1
 */
function canvasColor(property: string, alpha = 1): string {
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color =
    alpha === 1
      ? `var(${property})`
      : `color-mix(in srgb, var(${property}) ${100 * alpha}%, transparent)`;
  return getComputedStyle(probe).color;
}
