import { arrayInvalid } from './array-errors.js';
import type { ArraySettings } from './array-settings.js';
import type { FoundArrays } from './find-arrays.js';
import type { NamedArray } from './named-array.js';

/** The arrays of half a data set. */
export interface HalfArrays {
  readonly inputs: NamedArray;
  readonly targets: NamedArray;
}

/** The arrays of a data set; `test` is absent where samples have to be divided. */
export interface ChosenArrays {
  readonly train: HalfArrays;
  readonly test?: HalfArrays;
}

type Role = keyof HalfArrays;

/** A name without `_`, `-`, `.` and spaces, in lower case: `x_train`, `trainImages`, `y`. */
const NAME =
  /^(?<before>train(?:ing)?|test(?:ing)?)?(?:(?<inputs>x|images?|imgs?|data|inputs?|features?)|(?<targets>y|labels?|targets?))(?<after>train(?:ing)?|test(?:ing)?)?$/;
const NAMES =
  'x_train, y_train, x_test and y_test; train_images, train_labels, …; x and y; images and labels; data and target';
const SETTINGS =
  'Name them: --inputs NAME --targets NAME, or with a test set --inputs TRAIN,TEST --targets TRAIN,TEST.';

/**
 * Chooses the arrays to train and to test on: those that the settings name, else by the usual names.
 *
 * @throws LockstepError `data-invalid`, naming the arrays that there are
 */
export function chooseArrays(
  found: FoundArrays,
  { inputs, targets }: Pick<ArraySettings, 'inputs' | 'targets'>,
): ChosenArrays {
  const chosen = {
    inputs: inputs === undefined ? byUsualName(found, 'inputs') : named(found, inputs),
    targets: targets === undefined ? byUsualName(found, 'targets') : named(found, targets),
  };
  const train = { inputs: chosen.inputs.train, targets: chosen.targets.train };
  const test = { inputs: chosen.inputs.test, targets: chosen.targets.test };
  if (test.inputs && test.targets) {
    return { train, test: { inputs: test.inputs, targets: test.targets } };
  }
  const alone = test.inputs ?? test.targets;
  if (!alone) return { train };
  const role = test.inputs ? 'inputs' : 'targets';
  throw refused(found, `${alone.name} holds test ${role}, but there is no array for the others`);
}

interface Halves {
  readonly train: NamedArray;
  readonly test?: NamedArray | undefined;
}

/** @param setting a name, or the names of the training and the test array with a comma between */
function named(found: FoundArrays, setting: string): Halves {
  const array = (name: string): NamedArray => {
    const match = found.arrays.find((each) => each.name === name.trim());
    if (match) return match;
    throw refused(found, `it has no array ${name.trim()}`);
  };
  const [train, test, ...more] = setting.split(',');
  if (more.length > 0) throw refused(found, `${setting} names more than two arrays`);
  return { train: array(train), ...(test !== undefined && { test: array(test) }) };
}

function byUsualName(found: FoundArrays, role: Role): Halves {
  const candidates = found.arrays.map((array) => ({ array, ...parseName(array.name) }));
  const only = (half: 'train' | 'test' | 'all'): NamedArray | undefined => {
    const [match, another] = candidates.filter((each) => each.role === role && each.half === half);
    if (!another) return match?.array;
    throw refused(found, `${match.array.name} and ${another.array.name} may both be the ${role}`);
  };
  const train = only('train');
  if (train) return { train, test: only('test') };
  const all = only('all');
  if (all) return { train: all };
  throw refused(found, `no array has a usual name of ${role}`);
}

function parseName(name: string): { role?: Role; half?: 'train' | 'test' | 'all' } {
  const { groups } = NAME.exec(name.replace(/[-_. ]/g, '').toLowerCase()) ?? {};
  if (!groups) return {};
  const { before, after, inputs } = groups;
  if (before && after) return {};
  const half = before ?? after ?? 'all';
  return {
    role: inputs === undefined ? 'targets' : 'inputs',
    half: half.startsWith('train') ? 'train' : half.startsWith('test') ? 'test' : 'all',
  };
}

/** So many arrays are named. */
const MOST_NAMED = 12;

function refused({ place, arrays }: FoundArrays, what: string): Error {
  const names = arrays.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = arrays.length - names.length;
  const list = names.join(', ') + (more > 0 ? ` and ${more} more` : '');
  return arrayInvalid(
    place,
    `${what}; it holds ${list === '' ? 'no arrays' : list}`,
    `${SETTINGS} Usual names: ${NAMES}.`,
  );
}
