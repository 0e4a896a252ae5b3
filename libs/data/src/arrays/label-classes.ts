import { arrayInvalid } from './array-errors.js';
import type { PlacedArray } from './array-inputs.js';
import { formOf, numbersOf } from './strided-array.js';
import type { HalfTargets, PlacedHalves, Targets } from './target-halves.js';

/**
 * How labels become classes. `distinct`: the classes are the different labels of the training set in
 * ascending order. `from-zero`: a label is the number of its class, also where some numbers are not used.
 */
export type Numbering = 'distinct' | 'from-zero';

/** Class numbers are at most 65,535. */
const MOST_CLASSES = 65_536;
const REGRESSION = 'For a regression, save the targets as floats: `y.astype("float32")`.';

/**
 * The classes of integer labels.
 *
 * @throws LockstepError `data-invalid` on a single class, on too many, and on a test label that the
 *   training set lacks
 */
export function classesOf({ train, test }: PlacedHalves, numbering: Numbering): Targets {
  const trainLabels = numbersOf(train.array);
  const distinct = [...new Set(trainLabels)].sort((a, b) => a - b);
  if (distinct.length < 2) {
    throw arrayInvalid(
      train.place,
      `all its labels are ${distinct[0]}: there is nothing to tell apart`,
      'Give samples of at least two classes.',
    );
  }
  const labelOfClass = numbering === 'distinct' ? distinct : upToLargest(trainLabels, train.place);
  if (labelOfClass.length > MOST_CLASSES) {
    throw arrayInvalid(
      train.place,
      `it has ${distinct.length} different labels, more than ${MOST_CLASSES}`,
      REGRESSION,
    );
  }
  const classOf = new Map(labelOfClass.map((label, number) => [label, number]));
  const isRenumbered = labelOfClass.some((label, number) => label !== number);
  return {
    target: { classes: labelOfClass.length },
    ...(isRenumbered && { classNames: labelOfClass.map(String) }),
    train: numbered(train, trainLabels, classOf),
    ...(test && { test: numbered(test, numbersOf(test.array), classOf) }),
  };
}

/** 0, 1, … up to the largest label. */
function upToLargest(labels: Float64Array, place: string): readonly number[] {
  const outside = labels.findIndex((label) => label < 0 || label >= MOST_CLASSES);
  if (outside >= 0) {
    const found = `label ${outside} is ${labels[outside]}, expected 0 to ${MOST_CLASSES - 1}`;
    throw arrayInvalid(place, found, REGRESSION);
  }
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  return Array.from({ length: largest + 1 }, (_, label) => label);
}

function numbered(
  { array, place }: PlacedArray,
  labels: Float64Array,
  classOf: ReadonlyMap<number, number>,
): HalfTargets {
  const classes = Int32Array.from(labels, (label) => classOf.get(label) ?? -1);
  const unknown = classes.indexOf(-1);
  if (unknown < 0) return { stored: formOf(array), count: classes.length, targets: classes };
  const known = [...classOf.keys()];
  throw arrayInvalid(
    place,
    `label ${unknown} is ${labels[unknown]}, which the training set lacks; expected ${summary(known)}`,
    'Both halves must have the same classes.',
  );
}

/** `0 to 9`, or a few labels. */
function summary(labels: readonly number[]): string {
  if (labels.every((label, place) => label === labels[0] + place)) {
    return `${labels[0]} to ${labels.at(-1)}`;
  }
  return labels.length > 10 ? `one of ${labels.length} others` : labels.join(', ');
}
