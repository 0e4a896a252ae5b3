import { thin, type Points } from './points.js';
import './sparkline.css';

interface SparklineProps {
  readonly points: Points;
  /** Description for screen readers. */
  readonly label: string;
  /** A CSS colour. */
  readonly color?: string;
}

const WIDTH = 160;
const HEIGHT = 34;
const MARGIN = 2;

/** A curve without axes, as wide as its container. */
export function Sparkline({ points, label, color = 'var(--series-1)' }: SparklineProps) {
  const line = path(thin(points, WIDTH / 4));
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      style={{ color }}
    >
      {line !== '' && (
        <>
          <path class="area" d={`${line}V${HEIGHT}H0Z`} />
          <path class="line" d={line} />
        </>
      )}
    </svg>
  );
}

function path({ x, y }: Points): string {
  const [first = 0, last = 0] = [x[0], x.at(-1)];
  if (x.length < 2 || last <= first) return '';
  const low = y.reduce((a, b) => Math.min(a, b), Infinity);
  const high = y.reduce((a, b) => Math.max(a, b), -Infinity);
  const across = WIDTH / (last - first);
  const up = high > low ? (HEIGHT - 2 * MARGIN) / (high - low) : 0;
  const middle = high > low ? 0 : HEIGHT / 2 - MARGIN;
  const parts = Array.from(x, (at, index) => {
    const height = HEIGHT - MARGIN - middle - ((y[index] ?? low) - low) * up;
    return `${((at - first) * across).toFixed(1)},${height.toFixed(1)}`;
  });
  return `M${parts.join('L')}`;
}
