import type { Target } from '@lockstep/core';
import type { PlacedArray } from './array-inputs.js';

/** Targets of half a data set: [count] class numbers, or [count, values]. */
export interface HalfTargets {
  /** Type and shape of the array as it is stored. */
  readonly stored: string;
  readonly count: number;
  readonly targets: Int32Array | Float32Array;
}

/** Targets of a data set. */
export interface Targets {
  readonly target: Target;
  /** Per class, where they are not the class numbers. */
  readonly classNames?: readonly string[];
  readonly train: HalfTargets;
  readonly test?: HalfTargets;
}

/** Target arrays of the halves of a data set. */
export interface PlacedHalves {
  readonly train: PlacedArray;
  /** Absent where the samples have no test set of their own. */
  readonly test?: PlacedArray | undefined;
}
