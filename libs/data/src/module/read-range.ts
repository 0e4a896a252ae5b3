import { messageOf } from '@lockstep/core';
import type { Split } from '../data-set.js';
import type { DatasetDefinition } from './define-dataset.js';
import { inputValues, targetValues, wrong } from './range-values.js';

export type Half = 'train' | 'test';

/** Half of a module's data set. */
export interface HalfSource {
  readonly definition: DatasetDefinition;
  readonly half: Half;
  /** Path of the module, for messages. */
  readonly file: string;
  /** Called before each call of `read`. */
  readonly begins: (call: string) => void;
}

/**
 * Reads samples by one call of the module's `read`, and checks every value.
 *
 * @throws LockstepError `data-invalid`
 */
export async function readRange(
  { definition, half, file, begins }: HalfSource,
  from: number,
  to: number,
): Promise<Split> {
  const { inputShape, target } = definition;
  const read = { file, call: `${half}.read(${from}, ${to})`, from, sampleCount: to - from };
  begins(read.call);
  let given: unknown;
  try {
    given = await definition[half].read(from, to);
  } catch (cause) {
    const reason = messageOf(cause);
    throw wrong(read, reason, 'Correct the error in the module.', cause);
  }
  if (typeof given !== 'object' || given === null) {
    throw wrong(read, `it gives ${String(given)}, expected { inputs, targets }`);
  }
  const { inputs, targets }: { inputs?: unknown; targets?: unknown } = given;
  return {
    count: read.sampleCount,
    inputs: inputValues(inputs, inputShape, read),
    targets: targetValues(targets, target, read),
  };
}
