import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { canvasColor } from './canvas-color.js';
import { between, thin, type Points } from './points.js';

/** A curve of a chart. */
export interface Curve {
  readonly name: string;
  /** A custom property, such as `--series-1`. */
  readonly color: string;
  readonly points: Points;
  /** The same before smoothing, drawn faintly behind it. */
  readonly raw?: Points;
  readonly dashed?: boolean;
  /** Few values, each of which is shown. */
  readonly dots?: boolean;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Drawn {
  readonly curves: readonly Curve[];
  readonly log: boolean;
  /** The part of the x axis that is shown; absent for all of it. */
  readonly range?: Range;
  /** Where the y axis ends, whatever is above; absent for the highest value. */
  readonly top?: number;
}

export interface PlotOptions {
  formatX(value: number): string;
  /** @param step between two ticks */
  formatY(value: number, step: number): string;
  /** What no value can be above, such as 1 for a share. */
  readonly highest?: number;
  /** An x under the pointer, or undefined when it has left. */
  onHover(x: number | undefined): void;
  /** A part of the x axis was chosen by dragging. */
  onZoom(range: Range): void;
  onReset(): void;
}

/** A chart that is drawn anew as its curves grow. */
export interface Plot {
  draw(drawn: Drawn): void;
  /** After another theme was chosen. */
  recolor(): void;
  /** Shows where the pointer is in another chart. */
  point(x: number | undefined): void;
  close(): void;
}

const LEAST_WIDTH = 40;
/** How much of its colour a curve keeps behind its smoothed one. */
const FAINT = 0.28;

/**
 * Draws into an element, and keeps to its size. Curves may differ in their x, as those of two runs
 * do. Each is thinned to the pixels there are, so that a long run is drawn as quickly as a short one.
 */
export function createPlot(element: HTMLElement, options: PlotOptions): Plot {
  let drawn: Drawn = { curves: [], log: false };
  let plot: uPlot | undefined;
  let shape = '';
  /** Where the pointer is in this chart, in pixels; undefined while it is elsewhere. */
  let pointer: number | undefined;
  /** Where it is in another one. */
  let pointed: number | undefined;

  const width = (): number => Math.max(LEAST_WIDTH, element.clientWidth);
  const height = (): number => Math.max(LEAST_WIDTH, element.clientHeight);

  const draw = (): void => {
    const curves = linesOf(drawn.curves);
    const data = tableOf(curves, drawn.range, width());
    const next = JSON.stringify([
      drawn.log,
      drawn.top,
      curves.map(({ name, color, dashed, faint, dots }) => [name, color, dashed, faint, dots]),
    ]);
    if (!plot || next !== shape) {
      plot?.destroy();
      shape = next;
      const size = { width: width(), height: height() };
      plot = new uPlot(
        { ...size, ...settings(curves, drawn, { ...options, move }) },
        data,
        element,
      );
    } else {
      plot.setData(data, false);
    }
    const { from, to } = drawn.range ?? extent(drawn.curves);
    plot.batch(() => plot?.setScale('x', { min: from, max: to }));
    settle();
  };
  /** The pointer stays where it is while the axis moves under it. */
  const settle = (): void => {
    if (!plot) return;
    if (pointer === undefined) return show(pointed);
    const x = nearestShown(plot, pointer);
    options.onHover(x);
    show(x);
  };
  const show = (x: number | undefined): void => {
    if (!plot) return;
    const left = x === undefined ? -10 : plot.valToPos(x, 'x');
    plot.setCursor({ left, top: x === undefined ? -10 : 0 }, false);
  };
  /** The crosshair stands at a point that is there, and what is said beside it is of that point. */
  const move = (moved: uPlot, left: number): number => {
    if (left < 0) return left;
    pointer = left;
    const x = nearestShown(moved, left);
    options.onHover(x);
    const dragging = (moved.cursor.event?.buttons ?? 0) !== 0;
    return dragging || x === undefined ? left : moved.valToPos(x, 'x');
  };
  const leave = (): void => {
    pointer = undefined;
    options.onHover(undefined);
  };
  element.addEventListener('mouseleave', leave);
  const observer = new ResizeObserver(() => {
    if (!plot || (plot.width === width() && plot.height === height())) return;
    plot.setSize({ width: width(), height: height() });
    draw();
  });
  observer.observe(element);

  return {
    draw: (what) => {
      drawn = what;
      draw();
    },
    recolor: () => plot?.redraw(false, true),
    point: (x) => {
      pointed = x;
      if (pointer === undefined) show(x);
    },
    close: () => {
      observer.disconnect();
      element.removeEventListener('mouseleave', leave);
      plot?.destroy();
    },
  };
}

interface Line extends Curve {
  readonly faint: boolean;
}

/** What lies behind comes first. */
function linesOf(curves: readonly Curve[]): readonly Line[] {
  const behind = curves.flatMap((curve) =>
    curve.raw ? [{ ...curve, points: curve.raw, faint: true }] : [],
  );
  return [...behind, ...curves.map((curve) => ({ ...curve, faint: false }))];
}

function tableOf(
  lines: readonly Line[],
  range: Range | undefined,
  width: number,
): uPlot.AlignedData {
  const tables = lines.map(({ points }): uPlot.AlignedData => {
    const part = range ? between(points, range.from, range.to) : points;
    const { x, y } = thin(part, width);
    return [x, y];
  });
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

function extent(curves: readonly Curve[]): Range {
  const firsts = curves.flatMap(({ points: { x } }) => x[0] ?? []);
  const lasts = curves.flatMap(({ points: { x } }) => x.at(-1) ?? []);
  const from = firsts.length === 0 ? 0 : Math.min(...firsts);
  const to = lasts.length === 0 ? 1 : Math.max(...lasts);
  return to > from ? { from, to } : { from: from - 0.5, to: from + 0.5 };
}

/** The x nearest to a place in the plot, of those that are shown. */
function nearestShown(plot: uPlot, left: number): number | undefined {
  const { min = -Infinity, max = Infinity } = plot.scales['x'] ?? {};
  const at = plot.posToVal(left, 'x');
  let found: number | undefined;
  for (const x of plot.data[0]) {
    if (x < (min ?? -Infinity) || x > (max ?? Infinity)) continue;
    if (found === undefined || Math.abs(x - at) < Math.abs(found - at)) found = x;
  }
  return found;
}

function settings(
  lines: readonly Line[],
  { log, top }: Pick<Drawn, 'log' | 'top'>,
  {
    formatX,
    formatY,
    highest,
    move,
    onZoom,
    onReset,
  }: PlotOptions & { move(plot: uPlot, left: number): number },
): Omit<uPlot.Options, 'width' | 'height'> {
  const axis: uPlot.Axis = {
    stroke: () => canvasColor('--ink-faint'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: () => canvasColor('--line'), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  const clipped: uPlot.Range.MinMax | undefined = top === undefined || log ? undefined : [0, top];
  const bounded: uPlot.Range.Config | undefined =
    highest === undefined || log
      ? undefined
      : { min: { pad: 0.1, hard: 0 }, max: { pad: 0.1, hard: highest } };
  return {
    legend: { show: false },
    padding: [8, 14, 0, 0],
    scales: {
      x: { time: false, auto: false },
      y: {
        distr: log ? 3 : 1,
        ...(clipped ? { range: clipped } : bounded ? { range: bounded } : {}),
      },
    },
    series: [
      {},
      ...lines.map(
        ({ name, color: property, faint, dashed = false, dots = false }): uPlot.Series => ({
          label: name,
          stroke: () => canvasColor(property, faint ? FAINT : 1),
          width: faint ? 1 : 1.75,
          spanGaps: true,
          ...(dashed ? { dash: [5, 4] } : {}),
          points: {
            show: dots,
            size: 5,
            fill: () => canvasColor(property),
            stroke: () => canvasColor(property),
          },
        }),
      ),
    ],
    axes: [
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
    ],
    cursor: {
      y: false,
      move: (plot, left, at) => [move(plot, left), at],
      points: {
        size: 7,
        show: (_plot, index) => pointer(lines[index - 1]?.faint ?? false),
      },
      drag: { x: true, y: false, setScale: false },
      dataIdx: (plot, series, closest) => indexOfValue(plot, series, closest),
      bind: {
        dblclick: () => () => {
          onReset();
          return null;
        },
      },
    },
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom({ from, to });
        },
      ],
    },
  };
}

/**
 * Where curves are joined, one has gaps at the others' x: the value nearest by is shown, and none
 * beyond either end of the curve.
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

/** A faint curve has none: the one in front of it tells. */
function pointer(faint: boolean): HTMLElement {
  const element = document.createElement('div');
  element.className = faint ? 'u-cursor-pt hidden' : 'u-cursor-pt';
  return element;
}
