import { arrayInvalid } from './array-errors.js';
import { finite, type PlacedArray } from './array-inputs.js';
import { isFloatType } from './element-types.js';
import { classesOf, type Numbering } from './label-classes.js';
import type { HalfTargets, PlacedHalves, Targets } from './target-halves.js';
import { floatsOf, formOf, numbersOf } from './strided-array.js';

type Kind = 'labels' | 'one-hot' | 'values';

/**
 * Understands arrays of targets: integers [n] or [n, 1] are labels of classes, [n, k] with one 1 per row
 * and zeros else are one-hot vectors of k classes, floating-point numbers are the values of a regression.
 *
 * @param numbering of the classes, for labels
 * @throws LockstepError `data-invalid`
 */
export function targetsOf(halves: PlacedHalves, numbering: Numbering): Targets {
  const { train, test } = halves;
  const kind = kindOf(train);
  const [width, testWidth = width] = [train, test].map((half) => half && columns(half));
  if (test && (!isOfKind(test, kind) || testWidth !== width)) {
    throw arrayInvalid(
      test.place,
      `its targets are ${described(test)}, those of the training set ${described(train)}`,
      'Save both halves with the same type and shape.',
    );
  }
  if (kind === 'labels') return classesOf(halves, numbering);
  if (kind === 'one-hot') checkSeveral(train);
  const convert = (half: PlacedArray): HalfTargets => ({
    stored: formOf(half.array),
    count: half.array.shape[0],
    targets:
      kind === 'one-hot'
        ? positions(half, columns(half))
        : finite(floatsOf(half.array), half.array.shape, half.place),
  });
  return {
    target: kind === 'one-hot' ? { classes: columns(train) } : { values: columns(train) },
    train: convert(train),
    ...(test && { test: convert(test) }),
  };
}

/** Values may look like one-hot vectors where there are few of them. */
const isOfKind = (half: PlacedArray, kind: Kind): boolean =>
  kindOf(half) === kind || (kind === 'values' && isFloatType(half.array.type));

const columns = ({ array }: PlacedArray): number => array.shape[1] ?? 1;

function described(half: PlacedArray): string {
  return `${formOf(half.array)} (${kindOf(half)})`;
}

function kindOf(half: PlacedArray): Kind {
  const { array, place } = half;
  const { shape, type } = array;
  if (shape.length < 1 || shape.length > 2) {
    throw arrayInvalid(
      place,
      `its shape is [${shape.join(', ')}], expected targets [n] or [n, k]`,
      'Save one label, one one-hot vector or k values per sample.',
    );
  }
  if (isOneHot(half)) return 'one-hot';
  if (isFloatType(type)) return 'values';
  if (columns(half) === 1) return 'labels';
  throw arrayInvalid(
    place,
    `it is ${formOf(array)}, and its rows are not one-hot vectors`,
    'Save labels [n], one-hot vectors, or for a regression floats: `y.astype("float32")`.',
  );
}

/** Whether each row has one 1 and zeros else; two columns or more. */
export function isOneHot(half: PlacedArray): boolean {
  const width = columns(half);
  if (width < 2) return false;
  const values = numbersOf(half.array);
  for (let row = 0; row < values.length; row += width) {
    let ones = 0;
    for (let column = 0; column < width; column++) {
      const value = values[row + column];
      if (value !== 0 && value !== 1) return false;
      ones += value;
    }
    if (ones !== 1) return false;
  }
  return true;
}

/** Per row of one-hot vectors, the column of its 1. */
function positions({ array }: PlacedArray, width: number): Int32Array {
  const values = numbersOf(array);
  return Int32Array.from({ length: array.shape[0] }, (_, row) =>
    values.subarray(row * width, (row + 1) * width).indexOf(1),
  );
}

/** @throws LockstepError `data-invalid` where all samples have one class */
function checkSeveral(half: PlacedArray): void {
  const [first, ...others] = new Set(positions(half, columns(half)));
  if (others.length > 0) return;
  throw arrayInvalid(
    half.place,
    `all its one-hot vectors have their 1 in column ${first}: there is nothing to tell apart`,
    'Give samples of at least two classes.',
  );
}
