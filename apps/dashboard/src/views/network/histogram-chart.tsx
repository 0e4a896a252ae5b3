import { useState } from 'preact/hooks';
import type { Histogram } from '../../api/reply.js';
import { formatCount, formatFigure } from '../../format/numbers.js';
import { binAt, histogramBars, placeOf } from './histogram-bars.js';
import './histogram-chart.css';

interface HistogramChartProps {
  readonly title: string;
  readonly histogram: Histogram;
  readonly tone: 'weights' | 'gradient';
}

/** Units of the drawing, which is scaled to its container. */
const WIDTH = 256;
const HEIGHT = 64;

/** A histogram between the smallest and the largest value. */
export function HistogramChart({ title, histogram, tone }: HistogramChartProps) {
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const { low, high, mean, deviation } = histogram;
  const zero = placeOf(histogram, 0);
  const bin = pointed === undefined ? undefined : binAt(histogram, pointed);
  const path = histogramBars(histogram)
    .map(({ x, width, height }) => {
      const [left, right] = [x * WIDTH, (x + width) * WIDTH - 0.6];
      const top = HEIGHT * (1 - height);
      return `M${left} ${HEIGHT}V${top}H${right}V${HEIGHT}Z`;
    })
    .join('');
  return (
    <figure class={`histogram ${tone}`}>
      <figcaption class="number">
        <span>{title}</span>
        <span class="faint">
          {bin
            ? `${formatCount(bin.count)} from ${formatFigure(bin.from)} to ${formatFigure(bin.to)}`
            : `${formatFigure(mean)} ± ${formatFigure(deviation)}`}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: from ${formatFigure(low)} to ${formatFigure(high)}, mean ${formatFigure(mean)}, standard deviation ${formatFigure(deviation)}`}
        onPointerMove={({ offsetX, currentTarget }) =>
          setPointed(offsetX / Math.max(1, currentTarget.clientWidth))
        }
        onPointerLeave={() => setPointed(undefined)}
      >
        {zero !== undefined && zero > 0 && zero < 1 && (
          <line class="zero" x1={zero * WIDTH} x2={zero * WIDTH} y1={0} y2={HEIGHT} />
        )}
        <path d={path} />
      </svg>
      <p class="ends faint number" aria-hidden="true">
        <span>{formatFigure(low)}</span>
        <span>{formatFigure(high)}</span>
      </p>
    </figure>
  );
}
