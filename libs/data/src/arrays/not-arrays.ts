import type { LockstepError } from '@lockstep/core';
import { describeContent } from '../readers/describe-content.js';
import { arrayDamaged } from './array-errors.js';

/** The error for a file of another format. */
export async function notArrays(
  head: Uint8Array,
  place: string,
  expected: string,
): Promise<LockstepError> {
  const { kind, words } = await describeContent(head);
  const remedy =
    kind === 'web-page'
      ? 'A page was probably saved instead of the file: download the file itself, for example with `curl -fLO URL`.'
      : 'Give a file that `numpy.save` or `numpy.savez` wrote.';
  return arrayDamaged(place, `it is ${words}, expected ${expected}`, { remedy });
}
