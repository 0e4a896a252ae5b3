import { CircleCheck } from 'lucide';
import type { Mistake } from '../../api/reply.js';
import { hrefTo } from '../../app/place.js';
import { Button, Card, EmptyState } from '../../design/index.js';
import { formatCount, formatPercent } from '../../format/numbers.js';
import type { Cell } from './confusion-matrix.js';
import './mistake-gallery.css';
import { TestPicture } from './test-picture.js';

interface MistakeGalleryProps {
  readonly mistakes: readonly Mistake[];
  /** The selected cell of the confusion matrix, if any. */
  readonly cell: Cell | undefined;
  /** The number of errors, including those not shown. */
  readonly total: number;
  readonly version: number;
  readonly onShowAll: () => void;
}

/** The misclassified images, most confident first. */
export function MistakeGallery({ mistakes, cell, total, version, onShowAll }: MistakeGalleryProps) {
  const title = cell ? `${cell.label} predicted as ${cell.predicted}` : 'Errors';
  return (
    <Card
      title={title}
      aside={
        <>
          <span class="number faint">
            {mistakes.length < total
              ? `${formatCount(mistakes.length)} most confident of ${formatCount(total)}`
              : formatCount(total)}
          </span>
          {cell && <Button onClick={onShowAll}>Show all</Button>}
        </>
      }
    >
      {mistakes.length === 0 ? (
        <EmptyState icon={CircleCheck} title="No such errors" />
      ) : (
        <ul class="mistakes">
          {mistakes.map((mistake) => (
            <li key={`${version}-${mistake.index}`}>
              <a href={hrefTo('draw', { digit: String(mistake.index) })}>
                <TestPicture index={mistake.index} />
                <span class="visually-hidden">
                  {`Test image ${mistake.index}: a ${mistake.label} predicted as ${mistake.predicted} with ${formatPercent(mistake.confidence, 1)} confidence; show its activations`}
                </span>
                <span class="words number" aria-hidden="true">
                  <span>
                    {mistake.label} <span class="faint">→</span>{' '}
                    <strong>{mistake.predicted}</strong>
                  </span>
                  <span class="faint">{formatPercent(mistake.confidence, 0)}</span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
