import { Badge } from '../../design/index.js';
import { formatPercent } from '../../format/numbers.js';
import { isDark } from '../../app/theme.js';
import { inkPalette } from '../../pictures/palette.js';
import { Picture } from '../../pictures/picture.js';
import { ClassBars } from './class-bars.js';
import type { PredictionResult } from './predictor.js';
import './prediction.css';

interface PredictionProps {
  readonly result: PredictionResult | undefined;
  /** The network's input. */
  readonly picture: {
    readonly levels: readonly number[];
    readonly width: number;
    readonly height: number;
  };
  /** The label of a test image. */
  readonly truth: number | undefined;
  readonly classCount: number;
}

/** The predicted class and the probabilities of all classes. */
export function Prediction({ result, picture, truth, classCount }: PredictionProps) {
  const probabilities = result?.probabilities ?? new Array<number>(classCount).fill(0);
  const confidence = result?.probabilities[result.digit];
  return (
    <>
      <div class="prediction">
        <div class="given">
          <Picture {...picture} palette={inkPalette(isDark.value)} label="The network’s input" />
        </div>
        <p aria-live="polite" aria-atomic="true">
          <span class="digit number" data-testid="digit">
            {result ? result.digit : '–'}
          </span>
          <span class="soft number">
            {result ? `${formatPercent(confidence, 1)} confidence` : 'draw a picture'}
          </span>
          {result && truth !== undefined && (
            <Badge tone={truth === result.digit ? 'good' : 'bad'}>
              {truth === result.digit ? 'correct' : `label ${truth}`}
            </Badge>
          )}
        </p>
      </div>
      <ClassBars
        label="Probability of each class"
        values={probabilities}
        most={1}
        format={(share) => (result ? formatPercent(share, 1) : '–')}
        best={result?.digit}
        truth={truth}
      />
    </>
  );
}
