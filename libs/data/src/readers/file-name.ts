import type { DataFiles } from './data-files.js';

/** The parts of an idx file's name. */
export interface NamedFile {
  /** Prefix of the usual name, such as `emnist-letters`; may be empty. */
  readonly prefix: string;
  readonly part: keyof DataFiles<unknown>;
  /** Sort key among spellings of one file, the smallest is chosen: plain before gzip. */
  readonly order: string;
}

/**
 * `train-images-idx3-ubyte` as MNIST has it, `train-images.idx3-ubyte` as archives spell it, with a
 * prefix as EMNIST and QMNIST have, with `test` for `t10k`, in any case, with or without `.gz`.
 */
const PATTERN =
  /^(?:(?<prefix>.+)[-_.])?(?<half>train|t10k|test)[-_.](?<kind>images|labels)(?:[-_.]idx(?<rank>\d)(?:[-_.](?:ubyte|byte|int))?)?(?:\.idx)?(?<gz>\.gz)?$/i;

/** Parses a file's name; undefined where it is none of a data set's four files. */
export function parseFileName(name: string): NamedFile | undefined {
  const { prefix = '', half = '', kind = '', rank, gz } = PATTERN.exec(name)?.groups ?? {};
  if (half === '') return undefined;
  const isImages = kind.toLowerCase() === 'images';
  if (rank !== undefined && !(isImages ? '34' : '12').includes(rank)) return undefined;
  const isTraining = half.toLowerCase() === 'train';
  const halfName = isTraining ? 'train' : 'test';
  return {
    prefix,
    part: isImages ? `${halfName}Images` : `${halfName}Labels`,
    order: `${half.toLowerCase() === 'test' ? 1 : 0}${gz === undefined ? 0 : 1}${rank ?? 9}${name}`,
  };
}
