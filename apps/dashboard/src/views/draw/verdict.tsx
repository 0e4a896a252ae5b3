import { Badge } from '../../design/index.js';
import { formatPercent } from '../../format/numbers.js';
import { isDark } from '../../app/theme.js';
import { inkPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import { ClassBars } from './class-bars.js';
import type { Seen } from './observer.js';
import './verdict.css';

export interface VerdictProps {
  readonly seen: Seen | undefined;
  /** What the network was given. */
  readonly picture: {
    readonly levels: readonly number[];
    readonly width: number;
    readonly height: number;
  };
  /** What a test image is. */
  readonly truth: number | undefined;
  readonly classCount: number;
}

/** What the network takes the picture for, and how surely. */
export function Verdict({ seen, picture, truth, classCount }: VerdictProps) {
  const probabilities = seen?.probabilities ?? new Array<number>(classCount).fill(0);
  const sure = seen?.probabilities[seen.digit];
  return (
    <>
      <div class="verdict">
        <div class="given">
          <Picture
            {...picture}
            palette={inkPalette(isDark.value)}
            label="What the network is given"
          />
        </div>
        <p aria-live="polite" aria-atomic="true">
          <span class="digit number" data-testid="digit">
            {seen ? seen.digit : '–'}
          </span>
          <span class="soft number">
            {seen ? `${formatPercent(sure, 1)} sure` : 'draw a digit'}
          </span>
          {seen && truth !== undefined && (
            <Badge tone={truth === seen.digit ? 'good' : 'bad'}>
              {truth === seen.digit ? 'right' : `it is a ${truth}`}
            </Badge>
          )}
        </p>
      </div>
      <ClassBars
        label="Probability of each class"
        values={probabilities}
        most={1}
        format={(share) => (seen ? formatPercent(share, 1) : '–')}
        best={seen?.digit}
        truth={truth}
      />
    </>
  );
}
