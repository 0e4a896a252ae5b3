import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitSamples } from './split-samples.js';

const classesOf = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 20, maxLength: 200 });
const shares = fc.double({ min: 0.15, max: 0.85, noNaN: true });

it('divides each class by the share, each sample into one of the two', () => {
  fc.assert(
    fc.property(classesOf, shares, fc.nat(), (given, testSplit, splitSeed) => {
      const classes = Int32Array.from(given);
      const { train, test } = splitSamples(given.length, classes, { testSplit, splitSeed }, 'f');
      const all = [...train, ...test].sort((a, b) => a - b);
      expect(all).toEqual(given.map((_, index) => index));
      for (const label of new Set(given)) {
        const size = given.filter((each) => each === label).length;
        const tested = [...test].filter((index) => classes[index] === label).length;
        expect(tested).toBe(Math.min(size - 1, Math.round(size * testSplit)));
      }
    }),
  );
});

it('gives the same samples for the same seed, others for another', () => {
  const split = (splitSeed: number): number[] => [
    ...splitSamples(1_000, undefined, { testSplit: 0.1, splitSeed }, 'f').test,
  ];
  expect(split(1)).toEqual(split(1));
  expect(split(1)).toHaveLength(100);
  expect(split(1)).not.toEqual(split(2));
  // As every later release has to divide them.
  expect(split(0).slice(0, 5)).toEqual([4, 6, 13, 19, 20]);
});

it('refuses samples that are too few for both', () => {
  const few = (): unknown => splitSamples(2, Int32Array.of(0, 1), {}, 'table.csv');
  expect(few).toThrow('table.csv has 2 samples: too few to test on 20 % of them');
});
