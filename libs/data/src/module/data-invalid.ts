import { LockstepError } from '@lockstep/core';

const REMEDY =
  'Let `read(from, to)` give { inputs, targets }, typed arrays with the samples from `from` up to, but without, `to`.';

/** The error for a data module that cannot be used. */
export function dataInvalid(
  file: string,
  found: string,
  { remedy = REMEDY, cause }: { readonly remedy?: string; readonly cause?: unknown } = {},
): LockstepError {
  return new LockstepError('data-invalid', `${file}: ${found}`, { remedy, cause });
}
