import { CircleCheck } from 'lucide';
import type { Mistake } from '../../api/network.js';
import { hrefTo } from '../../app/place.js';
import { Button, Card, EmptyState } from '../../design/index.js';
import { formatCount, formatPercent } from '../../format/numbers.js';
import type { Cell } from './confusion-matrix.js';
import './mistake-gallery.css';
import { TestPicture } from './test-picture.js';

export interface MistakeGalleryProps {
  readonly mistakes: readonly Mistake[];
  /** The mistakes chosen, where they are of one kind only. */
  readonly cell: Cell | undefined;
  /** How many of them there are. */
  readonly total: number;
  readonly version: number;
  onShowAll(): void;
}

/** The images that the network was surest about and wrong. */
export function MistakeGallery({ mistakes, cell, total, version, onShowAll }: MistakeGalleryProps) {
  const title = cell ? `${cell.label} taken for ${cell.predicted}` : 'Worst mistakes';
  return (
    <Card
      title={title}
      aside={
        <>
          <span class="number faint">
            {mistakes.length < total
              ? `${formatCount(mistakes.length)} most confident errors of ${formatCount(total)}`
              : formatCount(total)}
          </span>
          {cell && <Button onClick={onShowAll}>Show all</Button>}
        </>
      }
    >
      {mistakes.length === 0 ? (
        <EmptyState icon={CircleCheck} title="None of this kind" />
      ) : (
        <ul class="mistakes">
          {mistakes.map((mistake) => (
            <li key={`${version}-${mistake.index}`}>
              <a href={hrefTo('draw', { digit: String(mistake.index) })}>
                <TestPicture index={mistake.index} />
                <span class="spoken">
                  {`Test image ${mistake.index}: a ${mistake.label} taken for ${mistake.predicted}, ${formatPercent(mistake.confidence, 1)} sure; look at it layer by layer`}
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
