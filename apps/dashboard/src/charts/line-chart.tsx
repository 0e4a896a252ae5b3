import type { ComponentChildren } from 'preact';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import { isDark } from '../app/theme.js';
import type { ChartGroup } from './chart-group.js';
import './line-chart.css';
import { createPlot, type Curve, type Plot } from './plot.js';
import { nearest } from './points.js';

export interface LineChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly log?: boolean;
  readonly group: ChartGroup;
  readonly aside?: ComponentChildren;
  formatX(value: number): string;
  formatY(value: number): string;
  /** Shorter, at the axes. */
  formatXTick?(value: number): string;
  /** @param step between two ticks */
  formatTick?(value: number, step: number): string;
  /** What no value can be above, such as 1 for a share. */
  readonly highest?: number;
}

/** Curves over a common x axis, with their values under the pointer or, without one, the last ones. */
export function LineChart(props: LineChartProps) {
  const { title, curves, group, aside, formatX, formatY } = props;
  const id = useId();
  const element = useRef<HTMLDivElement>(null);
  usePlot(element, props);
  const at = group.hover.value;
  const values = curves.map((curve) => ({ curve, value: valueAt(curve, at) }));
  const spoken = values.map(({ curve, value }) => `${curve.name} ${formatY(value)}`).join(', ');
  return (
    <figure class="line-chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <span class="at number">{at === undefined ? '' : formatX(at)}</span>
        {aside}
        <ul class="legend">
          {values.map(({ curve, value }) => (
            <li key={curve.name}>
              <span
                class={`key ${curve.dashed ? 'dashed' : ''}`}
                style={{ color: `var(${curve.color})` }}
                aria-hidden="true"
              />
              <span class={curves.length > 1 ? 'name' : 'spoken'}>{curve.name}</span>
              <span class="number value">{formatY(value)}</span>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="canvas" ref={element} role="img" aria-label={`${title}: last ${spoken}`} />
    </figure>
  );
}

function valueAt({ points: { x, y } }: Curve, at: number | undefined): number {
  const index = at === undefined ? y.length - 1 : nearest(x, at);
  return (index === undefined ? undefined : y[index]) ?? Number.NaN;
}

function usePlot(element: { readonly current: HTMLElement | null }, props: LineChartProps): void {
  const { curves, log = false, group, highest } = props;
  const plot = useRef<Plot | undefined>(undefined);
  const now = useRef(props);
  now.current = props;
  const dark = isDark.value;
  useEffect(() => {
    if (!element.current) return;
    plot.current = createPlot(element.current, {
      formatX: (value) => (now.current.formatXTick ?? now.current.formatX)(value),
      formatY: (value, step) => (now.current.formatTick ?? now.current.formatY)(value, step),
      ...(highest === undefined ? {} : { highest }),
      onHover: (x) => (now.current.group.hover.value = x),
      onZoom: (range) => now.current.group.onZoom(range),
      onReset: () => now.current.group.onZoom(undefined),
    });
    return () => plot.current?.close();
  }, []);
  useEffect(() => {
    const range = group.range ?? group.extent;
    plot.current?.draw({ curves, log, ...(range ? { range } : {}) });
  }, [curves, log, group.range?.from, group.range?.to, group.extent]);
  useEffect(() => plot.current?.recolor(), [dark]);
  const stopPointing = useMemo(() => group.hover, [group.hover]);
  useEffect(() => stopPointing.subscribe((x) => plot.current?.point(x)), [stopPointing]);
}
