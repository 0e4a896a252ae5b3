import { LockstepError } from '@lockstep/core';

/**
 * The error for a file that is not a valid array, or archive of arrays.
 *
 * @param place the file, and the array in it
 */
export function arrayDamaged(
  place: string,
  found: string,
  { remedy, cause }: { readonly remedy?: string; readonly cause?: unknown } = {},
): LockstepError {
  return new LockstepError('data-damaged', `${place}: ${found}`, {
    remedy: remedy ?? 'Copy or download the file again.',
    cause,
  });
}

/** The error for arrays that are valid, but cannot be trained on. */
export function arrayInvalid(place: string, found: string, remedy: string): LockstepError {
  return new LockstepError('data-invalid', `${place}: ${found}`, { remedy });
}
