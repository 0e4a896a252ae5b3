import type { EvaluationReport } from '../../api/reply.js';
import { formatCount, formatPercent } from '../../format/numbers.js';
import './class-accuracy.css';

interface ClassAccuracyProps {
  readonly classes: EvaluationReport['classes'];
}

/** More bars than these are not readable. */
const MOST_CLASSES = 100;

/** Where the scale begins at the latest, also if no sample is wrong. */
const MOST_FROM = 0.9;

/** The classes that are worth a look where there are many, by label. */
function leastAccurate(classes: EvaluationReport['classes']): EvaluationReport['classes'] {
  return classes
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.accuracy - b.accuracy)
    .slice(0, MOST_CLASSES)
    .sort((a, b) => a.label - b.label);
}

/**
 * A bar for each class; the scale begins slightly below the lowest accuracy, so that differences
 * show.
 */
export function ClassAccuracy({ classes }: ClassAccuracyProps) {
  const shown = classes.length > MOST_CLASSES ? leastAccurate(classes) : classes;
  const worst = Math.min(...classes.filter(({ count }) => count > 0).map((each) => each.accuracy));
  const from = Math.min(MOST_FROM, floorTo(Math.max(0, worst - 0.2 * (1 - worst))));
  return (
    <>
      <table class="class-accuracy">
        <caption class="visually-hidden">Accuracy per class</caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Bar</th>
            <th scope="col">Accuracy</th>
            <th scope="col">Errors</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ label, count, correctCount, accuracy }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td class="track" aria-hidden="true">
                <span
                  style={{ width: `${(100 * Math.max(0, accuracy - from)) / (1 - from || 1)}%` }}
                />
              </td>
              <td class="number">{formatPercent(accuracy)}</td>
              <td class="number faint">
                {formatCount(count - correctCount)} of {formatCount(count)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="scale faint number" aria-hidden="true">
        <span>{formatPercent(from, 0)}</span>
        <span>100 %</span>
      </p>
    </>
  );
}

/** Rounds down to a multiple of 0.05: 0.93 → 0.9. */
function floorTo(share: number): number {
  return Math.floor(share * 20) / 20;
}
