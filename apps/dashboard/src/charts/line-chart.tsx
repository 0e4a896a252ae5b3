import type { ComponentChildren } from 'preact';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import { isDark } from '../app/theme.js';
import type { ChartGroup } from './chart-group.js';
import './line-chart.css';
import { Plot } from './plot.js';
import { between, type Curve, type Points } from './points.js';
import { proportionateTop, readAt, readLast, type Reading } from './reading.js';

export interface LineChartProps {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly log?: boolean;
  readonly group: ChartGroup;
  readonly aside?: ComponentChildren;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  /** Shorter form for tick labels. */
  readonly formatXTick?: (value: number) => string;
  /** @param step between two ticks */
  readonly formatTick?: (value: number, step: number) => string;
  /** Upper limit of all values, such as 1 for a share. */
  readonly highest?: number;
  /** Whether outliers are clipped. */
  readonly clipped?: boolean;
}

/**
 * Curves over a common x axis, with their values at the pointer or, without one, the last values. A
 * value at another x than the pointer's, such as an evaluation's, is shown with its x.
 */
export function LineChart(props: LineChartProps) {
  const { title, curves, group, aside, formatX, formatY } = props;
  const id = useId();
  const element = useRef<HTMLDivElement>(null);
  const clip = useClip(props);
  usePlot(element, props, clip?.top);
  const at = group.hover.value;
  const until = group.range?.to ?? group.extent?.to;
  const values = curves.map((curve) => ({ curve, read: readingIn(curve.points, at, until) }));
  const spoken = values
    .map(({ curve, read }) => `${curve.name} ${formatY(read?.y ?? Number.NaN)}`)
    .join(', ');
  const reference = at ?? until;
  const elsewhere = (read: Reading | undefined): string => {
    if (!read || reference === undefined || formatX(read.x) === formatX(reference)) return '';
    // Dense curves may end slightly before the newest step.
    return at === undefined && !curves.some(({ dots }) => dots) ? '' : formatX(read.x);
  };
  return (
    <figure class="line-chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <span class="at number">{at === undefined ? '' : formatX(at)}</span>
        {clip && (
          <span class="at number">
            ▲ {clip.count} above {formatY(clip.top)}, up to {formatY(clip.highest)}
          </span>
        )}
        {aside}
        <ul class="legend">
          {values.map(({ curve, read }) => (
            <li key={curve.name}>
              <span
                class={`key ${curve.dashed ? 'dashed' : ''}`}
                style={{ color: `var(${curve.color})` }}
                aria-hidden="true"
              />
              <span class={curves.length > 1 ? 'name' : 'visually-hidden'}>{curve.name}</span>
              <span class="number value">{formatY(read?.y ?? Number.NaN)}</span>
              {elsewhere(read) !== '' && <span class="at number">{elsewhere(read)}</span>}
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="canvas" ref={element} role="img" aria-label={`${title}: last ${spoken}`} />
    </figure>
  );
}

function readingIn(
  points: Points,
  at: number | undefined,
  until: number | undefined,
): Reading | undefined {
  return at === undefined ? readLast(points, until) : readAt(points, at);
}

interface Clip {
  readonly top: number;
  readonly count: number;
  readonly highest: number;
}

/** The values above the scale in the visible part. */
function useClip({ curves, clipped = false, log = false, group }: LineChartProps) {
  const { range } = group;
  return useMemo((): Clip | undefined => {
    if (!clipped || log) return undefined;
    const parts = curves.map(({ raw, points }) => {
      const taken = raw ?? points;
      return (range ? between(taken, range.from, range.to) : taken).y;
    });
    const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((start, part) => (values.set(part, start), start + part.length), 0);
    const top = proportionateTop(values);
    if (top === undefined) return undefined;
    const above = values.filter((value) => value > top);
    return { top, count: above.length, highest: above.reduce((a, b) => Math.max(a, b), 0) };
  }, [curves, clipped, log, range?.from, range?.to]);
}

function usePlot(
  element: { readonly current: HTMLElement | null },
  props: LineChartProps,
  top: number | undefined,
): void {
  const { curves, log = false, group, highest } = props;
  const plot = useRef<Plot | undefined>(undefined);
  const now = useRef(props);
  now.current = props;
  const dark = isDark.value;
  useEffect(() => {
    if (!element.current) return;
    plot.current = new Plot(element.current, {
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
    plot.current?.draw({
      ...{ curves, log },
      ...(range ? { range } : {}),
      ...(top === undefined ? {} : { top }),
    });
  }, [curves, log, group.range?.from, group.range?.to, group.extent, top]);
  useEffect(() => plot.current?.recolor(), [dark]);
  const stopPointing = useMemo(() => group.hover, [group.hover]);
  useEffect(() => stopPointing.subscribe((x) => plot.current?.point(x)), [stopPointing]);
}
