import type { StridedArray } from './strided-array.js';

/** An array in a file, not read yet. */
export interface NamedArray {
  /** `x_train` */
  readonly name: string;
  /** The file, and the array in it, for messages. */
  readonly place: string;
  /** @throws LockstepError `data-not-found`, `data-damaged` or `data-invalid` */
  read(): Promise<StridedArray>;
}
