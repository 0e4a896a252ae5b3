import { ChevronLeft, ChevronRight, Dices, TriangleAlert } from 'lucide';
import { fetchJson } from '../../api/fetch-json.js';
import type { TestDigit } from '../../api/network.js';
import { Button, tellError } from '../../design/index.js';

export interface TestDigitsProps {
  readonly shown: TestDigit | undefined;
  /** The image that was shown last, where the way goes on from. */
  readonly last: number;
  onShow(digit: TestDigit): void;
}

/** The ways to an image of the test set. */
export function TestDigits({ shown, last, onShow }: TestDigitsProps) {
  const load = async (index: number): Promise<void> => {
    try {
      onShow(await fetchTestDigit(index));
    } catch (error) {
      tellError(`Test image ${index} is not to be had`, error);
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
        label="A test image at random"
        onClick={() => void load(Math.floor(Math.random() * count))}
      />
      <Button
        icon={TriangleAlert}
        label="A test image that the network mistook"
        onClick={() => void showMistake(last, load)}
      />
    </div>
  );
}

export function fetchTestDigit(index: number): Promise<TestDigit> {
  return fetchJson('/api/test-digits/{index}', { path: { index } });
}

/** The worst mistake of the last evaluation; the next one, where that is shown already. */
async function showMistake(last: number, load: (index: number) => Promise<void>): Promise<void> {
  try {
    const { mistakes } = await fetchJson('/api/evaluation', { query: { mistakes: 100 } });
    const at = mistakes.findIndex(({ index }) => index === last);
    const next = mistakes[at + 1] ?? mistakes[0];
    if (next) await load(next.index);
    else tellError('There is no mistake to show', new Error('no evaluation'));
  } catch (error) {
    tellError('There is no mistake to show', error);
  }
}
