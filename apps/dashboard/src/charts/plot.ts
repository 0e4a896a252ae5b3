import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { plotSettings, type Drawn, type Line, type PlotOptions } from './plot-settings.js';
import { between, thin, type Curve, type Range } from './points.js';

const LEAST_SIZE = 40;

/**
 * A chart that fills an element and follows its size. Curves may differ in their x, as those of two
 * runs do. Each is thinned to the width in pixels, so that long runs are drawn as quickly as short ones.
 */
export class Plot {
  readonly #element: HTMLElement;
  readonly #options: PlotOptions;
  readonly #observer: ResizeObserver;
  #drawn: Drawn = { curves: [], log: false };
  #plot: uPlot | undefined;
  /** What requires a new uPlot when it changes. */
  #shape = '';
  /** The pointer's position in this chart, in pixels; undefined while it is elsewhere. */
  #pointer: number | undefined;
  /** The x under the pointer in another chart. */
  #pointed: number | undefined;

  constructor(element: HTMLElement, options: PlotOptions) {
    this.#element = element;
    this.#options = options;
    element.addEventListener('mouseleave', this.#leave);
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(element);
  }

  /** Draws curves; a later call replaces them. */
  draw(drawn: Drawn): void {
    this.#drawn = drawn;
    this.#redraw();
  }

  /** Redraws after a change of theme. */
  recolor(): void {
    this.#plot?.redraw(false, true);
  }

  /** Shows the crosshair at the x under the pointer of another chart. */
  point(x: number | undefined): void {
    this.#pointed = x;
    if (this.#pointer === undefined) this.#showCrosshair(x);
  }

  close(): void {
    this.#observer.disconnect();
    this.#element.removeEventListener('mouseleave', this.#leave);
    this.#plot?.destroy();
  }

  #redraw(): void {
    const { range, log, top } = this.#drawn;
    const { width, height } = this.#size();
    const lines = linesOf(this.#drawn.curves);
    const data = tableOf(lines, range, width);
    const shape = JSON.stringify([
      log,
      top,
      lines.map(({ name, color, dashed, faint, dots }) => [name, color, dashed, faint, dots]),
    ]);
    if (!this.#plot || shape !== this.#shape) {
      this.#plot?.destroy();
      this.#shape = shape;
      const move = (plot: uPlot, left: number): number => this.#move(plot, left);
      const settings = plotSettings(lines, this.#drawn, { ...this.#options, move });
      this.#plot = new uPlot({ width, height, ...settings }, data, this.#element);
    } else {
      this.#plot.setData(data, false);
    }
    const { from, to } = range ?? extent(this.#drawn.curves);
    this.#plot.batch(() => this.#plot?.setScale('x', { min: from, max: to }));
    this.#settle();
  }

  /** The pointer stays in place while the axis moves below it. */
  #settle(): void {
    if (!this.#plot) return;
    if (this.#pointer === undefined) return this.#showCrosshair(this.#pointed);
    const x = nearestShown(this.#plot, this.#pointer);
    this.#options.onHover(x);
    this.#showCrosshair(x);
  }

  #showCrosshair(x: number | undefined): void {
    if (!this.#plot) return;
    const left = x === undefined ? -10 : this.#plot.valToPos(x, 'x');
    this.#plot.setCursor({ left, top: x === undefined ? -10 : 0 }, false);
  }

  /** Moves the crosshair to the nearest point, whose values are shown. */
  #move(plot: uPlot, left: number): number {
    if (left < 0) return left;
    this.#pointer = left;
    const x = nearestShown(plot, left);
    this.#options.onHover(x);
    const dragging = (plot.cursor.event?.buttons ?? 0) !== 0;
    return dragging || x === undefined ? left : plot.valToPos(x, 'x');
  }

  readonly #leave = (): void => {
    this.#pointer = undefined;
    this.#options.onHover(undefined);
  };

  #resize(): void {
    const { width, height } = this.#size();
    if (!this.#plot || (this.#plot.width === width && this.#plot.height === height)) return;
    this.#plot.setSize({ width, height });
    this.#redraw();
  }

  #size(): { readonly width: number; readonly height: number } {
    const { clientWidth, clientHeight } = this.#element;
    return { width: Math.max(LEAST_SIZE, clientWidth), height: Math.max(LEAST_SIZE, clientHeight) };
  }
}

/** Unsmoothed curves first, so that they are drawn behind the others. */
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

/** The visible x nearest to a position in the plot. */
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
