import type { TestDigit } from '../../api/network.js';
import { fetchTestDigit } from '../draw/test-digits.js';

export type TestPixels = Pick<TestDigit, 'pixels' | 'shape'>;

/** Images of the test set, each asked for once in a run. */
export interface TestImages {
  /** @throws ApiError when it is not to be had; it is asked for anew then */
  load(runId: string, index: number): Promise<TestPixels>;
}

/** A gallery and a little more. */
const MOST_KEPT = 400;

export function createTestImages(
  fetch: (index: number) => Promise<TestPixels> = fetchTestDigit,
): TestImages {
  const kept = new Map<string, Promise<TestPixels>>();
  return {
    load: (runId, index) => {
      const key = `${runId} ${index}`;
      const known = kept.get(key);
      if (known) return known;
      const image = fetch(index);
      kept.set(key, image);
      image.catch(() => kept.delete(key));
      if (kept.size > MOST_KEPT) kept.delete([...kept.keys()][0] ?? '');
      return image;
    },
  };
}
