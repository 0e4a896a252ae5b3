import { canonicalJson, LockstepError } from '@lockstep/core';
import type { DataSet, Split } from '../data-set.js';
import type { TestSplitSpec } from '../readers/reader.js';
import { divideSamples } from '../split/divide-samples.js';
import { arrayInvalid } from './array-errors.js';
import { inputsOf, type Inputs } from './array-inputs.js';
import type { ArraySettings } from './array-settings.js';
import { targetsOf } from './array-targets.js';
import type { ChosenArrays, HalfArrays } from './choose-arrays.js';
import type { Numbering } from './label-classes.js';
import type { NamedArray } from './named-array.js';
import type { HalfTargets, Targets } from './target-halves.js';

/** The arrays of a data set, and how they are understood. */
export interface ArraySource {
  /** The file or folder, for messages. */
  readonly place: string;
  readonly chosen: ChosenArrays;
  readonly settings: Omit<ArraySettings, 'inputs' | 'targets'>;
  readonly numbering: Numbering;
}

export type ArrayContent = Pick<
  DataSet,
  'inputShape' | 'target' | 'classNames' | 'train' | 'test' | 'notes'
>;

/**
 * Reads both halves of a data set; without test arrays, its samples are divided.
 *
 * @throws LockstepError `data-not-found`, `data-damaged`, `data-invalid`, or `bad-option`
 */
export async function readHalves(source: ArraySource): Promise<ArrayContent> {
  const { chosen, settings, place } = source;
  const { target, classNames, ...targets } = await readTargets(source);
  const inputs = await readInputs(chosen.train, settings);
  const { inputShape } = inputs;
  const train = withTargets(inputs, targets.train, chosen.train);
  const halves =
    chosen.test && targets.test
      ? { train, test: await readTest(chosen.test, targets.test, inputs, settings) }
      : divideSamples({ ...train, inputShape, target }, settings, place);
  const notes = [
    `inputs: ${described(chosen.train.inputs, inputs)}; targets: ${described(chosen.train.targets, targets.train)}`,
    ...(chosen.test ? [] : [divided(halves)]),
  ];
  return { inputShape, target, ...(classNames && { classNames }), ...halves, notes };
}

const described = ({ name }: NamedArray, { stored }: { readonly stored: string }): string =>
  `${name}, ${stored}`;

function divided({ train, test }: Pick<DataSet, 'train' | 'test'>): string {
  const count = train.count + test.count;
  return `no test set of its own: ${test.count} of ${count} samples are for testing`;
}

/**
 * Reads the test half alone, where there are test arrays.
 *
 * @throws LockstepError as `readHalves`, and `data-invalid` when the samples are not those of the run
 */
export async function readTestHalf(source: ArraySource, spec: TestSplitSpec): Promise<Split> {
  const { inputShape, target, test } = await testContent(source);
  const found = { testCount: test.count, inputShape, target };
  const { testCount, inputShape: shape, target: expected } = spec;
  if (canonicalJson(found) === canonicalJson({ testCount, inputShape: shape, target: expected })) {
    return test;
  }
  const { place } = source;
  throw arrayInvalid(place, 'its test set is not that of the run', `Give the run's own data.`);
}

async function testContent(source: ArraySource): Promise<Omit<ArrayContent, 'train'>> {
  const { chosen, settings } = source;
  if (!chosen.test) return readHalves(source);
  const { target, ...targets } = await readTargets(source);
  const inputs = await readInputs(chosen.test, settings);
  const test = withTargets(inputs, targets.test ?? targets.train, chosen.test);
  return { inputShape: inputs.inputShape, target, test };
}

async function readTargets({ chosen, settings, numbering, place }: ArraySource): Promise<Targets> {
  const { testSplit, splitSeed } = settings;
  if (chosen.test && (testSplit ?? splitSeed) !== undefined) {
    throw new LockstepError(
      'bad-option',
      `${place} has a test set of its own (${chosen.test.inputs.name}): it is not divided`,
      { remedy: 'Leave out --test-split and --split-seed.' },
    );
  }
  const read = async (array: NamedArray) => ({ array: await array.read(), place: array.place });
  return targetsOf(
    {
      train: await read(chosen.train.targets),
      ...(chosen.test && { test: await read(chosen.test.targets) }),
    },
    numbering,
  );
}

async function readInputs(
  { inputs }: HalfArrays,
  { channels }: ArraySource['settings'],
): Promise<Inputs> {
  return inputsOf({ array: await inputs.read(), place: inputs.place }, channels);
}

async function readTest(
  half: HalfArrays,
  targets: HalfTargets,
  train: Inputs,
  settings: ArraySource['settings'],
): Promise<Split> {
  const test = await readInputs(half, settings);
  const form = ({ inputs, inputShape }: Inputs): string =>
    `${inputs instanceof Uint8Array ? 'bytes' : 'numbers'} [${inputShape.join(', ')}]`;
  if (form(test) === form(train)) return withTargets(test, targets, half);
  throw arrayInvalid(
    half.inputs.place,
    `its samples are ${form(test)}, those of the training set ${form(train)}`,
    'Save both halves with the same type and shape.',
  );
}

function withTargets(
  { count, inputs }: Inputs,
  { count: targetCount, targets }: HalfTargets,
  half: HalfArrays,
): Split {
  if (count === targetCount) return { count, inputs, targets };
  throw arrayInvalid(
    half.targets.place,
    `it has ${targetCount} targets, but ${half.inputs.name} has ${count} samples`,
    'Save one target per sample.',
  );
}
