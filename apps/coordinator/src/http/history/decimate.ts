import type { StepRow } from './schemas.js';

/**
 * At most so many of the rows, spread evenly, the first and the last among them. Where one of
 * neighbours has a training accuracy, that one is chosen; no value is changed or made up.
 *
 * @param points at least 2
 */
export function decimate(rows: readonly StepRow[], points: number): readonly StepRow[] {
  if (rows.length <= points) return rows;
  const first = rows.slice(0, 1);
  const inner = rows.slice(1, -1);
  const buckets = points - 2;
  const chosen = Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * inner.length) / buckets);
    const to = Math.floor(((bucket + 1) * inner.length) / buckets);
    const neighbours = inner.slice(from, to);
    return (
      neighbours.findLast(({ trainAccuracy }) => trainAccuracy !== undefined) ?? neighbours.at(-1)
    );
  });
  return [...first, ...chosen.flatMap((row) => row ?? []), ...rows.slice(-1)];
}
