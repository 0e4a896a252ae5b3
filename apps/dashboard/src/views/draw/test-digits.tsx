import { ChevronLeft, ChevronRight, Dices, TriangleAlert } from 'lucide';
import { fetchJson } from '../../api/fetch-json.js';
import type { TestDigit } from '../../api/reply.js';
import { Button, notifyError } from '../../design/index.js';

interface TestDigitsProps {
  readonly shown: TestDigit | undefined;
  /** The image that was shown last, for previous and next. */
  readonly last: number;
  readonly onShow: (digit: TestDigit) => void;
}

/** Controls to choose an image of the test set. */
export function TestDigits({ shown, last, onShow }: TestDigitsProps) {
  const load = async (index: number): Promise<void> => {
    try {
      onShow(await fetchTestDigit(index));
    } catch (error) {
      notifyError(`Test image ${index} could not be loaded`, error);
    }
  };
  const count = shown?.count ?? 1;
  return (
    <div class="test-digits" role="group" aria-label="Test images">
      <label>
        Test image
        <input
          type="number"
          min={0}
          max={count - 1}
          value={shown ? shown.index : ''}
          placeholder="none"
          onChange={({ currentTarget: { value } }) => {
            if (value !== '') void load(Number(value));
          }}
        />
      </label>
      <Button
        icon={ChevronLeft}
        label="Previous test image"
        disabled={last === 0}
        onClick={() => void load(last - 1)}
      />
      <Button icon={ChevronRight} label="Next test image" onClick={() => void load(last + 1)} />
      <Button
        icon={Dices}
        label="Random test image"
        onClick={() => void load(Math.floor(Math.random() * count))}
      />
      <Button
        icon={TriangleAlert}
        label="Misclassified test image"
        onClick={() => void showMistake(last, load)}
      />
    </div>
  );
}

export function fetchTestDigit(index: number): Promise<TestDigit> {
  return fetchJson('/api/test-digits/{index}', { path: { index } });
}

/**
 * Loads the most confident error of the last evaluation, or the next one if it is already shown.
 */
async function showMistake(last: number, load: (index: number) => Promise<void>): Promise<void> {
  try {
    const { mistakes } = await fetchJson('/api/evaluation', { query: { mistakes: 100 } });
    const at = mistakes.findIndex(({ index }) => index === last);
    const next = mistakes[at + 1] ?? mistakes[0];
    if (next) await load(next.index);
    else notifyError('No misclassified image', new Error('no evaluation'));
  } catch (error) {
    notifyError('No misclassified image', error);
  }
}
