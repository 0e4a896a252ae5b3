import { augmentationText } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draws, Picture } from './augmentation.js';
import { Augmenter, type AugmentSpec } from './augmenter.js';
import { augmentations, changesOf, parseAugmentations } from './registry.js';
import { sineAndCosine } from './rotate.js';

const SHAPE = [6, 5, 2] as const;
const SIZE = 60;
const spec: AugmentSpec = {
  seed: 3,
  augment: parseAugmentations('flip,crop:2,rotate:20,shift:1'),
  data: { inputShape: SHAPE },
};

/** Sample n of a set whose values differ. */
const sample = (n: number): number[] =>
  Array.from({ length: SIZE }, (_, i) => ((i * 7 + n) % 64) / 64);

function augmented(samples: readonly number[], epoch: number, of = spec): Float32Array {
  const inputs = Float32Array.from(samples.flatMap(sample));
  const epochs = new Uint32Array(samples.length).fill(epoch);
  Augmenter.of(of)?.augment(inputs, Uint32Array.from(samples), epochs);
  return inputs;
}

describe('Augmenter', () => {
  it('changes a sample in an epoch equally in any batch', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 8 }),
        fc.nat(9),
        (all, epoch) => {
          const together = augmented(all, epoch);
          all.forEach((each, i) => {
            expect(together.subarray(i * SIZE, (i + 1) * SIZE)).toEqual(augmented([each], epoch));
          });
        },
      ),
    );
  });

  it('changes it otherwise in another epoch, and by another seed', () => {
    expect(augmented([1], 0)).not.toEqual(augmented([1], 1));
    expect(augmented([1], 0)).not.toEqual(augmented([1], 0, { ...spec, seed: 4 }));
  });

  it('keeps every value between the smallest and the largest of the picture', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(100), (each, epoch) => {
        const found = augmented([each], epoch);
        expect(Math.min(...found)).toBeGreaterThanOrEqual(Math.min(...sample(each)));
        expect(Math.max(...found)).toBeLessThanOrEqual(Math.max(...sample(each)));
      }),
    );
  });

  it('gives values that later releases and other processors have to give', () => {
    expect([...augmented([5], 2).subarray(0, 4)]).toEqual([
      0.5309095978736877, 0.40996450185775757, 0.6877036690711975, 0.6943874955177307,
    ]);
  });

  it('is absent for a run that trains on its samples as they are', () => {
    expect(Augmenter.of({ seed: 1, data: spec.data })).toBeUndefined();
  });
});

/** A picture of one row or column, changed with given random numbers. */
function changed(text: string, picture: Picture, draws: Draws): number[] {
  const to = new Float32Array(picture.values.length);
  changesOf(parseAugmentations(text))[0]?.(picture, to, draws);
  return [...to];
}

const row: Picture = { values: Float32Array.of(1, 2, 3, 4), height: 1, width: 4, channels: 1 };
const square: Picture = {
  values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
  ...{ height: 3, width: 3, channels: 1 },
};

describe('an augmentation', () => {
  it('flip mirrors a picture or leaves it', () => {
    expect(changed('flip', row, [0.4, 0, 0, 0])).toEqual([4, 3, 2, 1]);
    expect(changed('flip', row, [0.6, 0, 0, 0])).toEqual([1, 2, 3, 4]);
  });

  it('shift moves by whole pixels and repeats the edge', () => {
    expect(changed('shift:1', row, [0.99, 0.5, 0, 0])).toEqual([2, 3, 4, 4]);
    expect(changed('shift:1', row, [0.01, 0.5, 0, 0])).toEqual([1, 1, 2, 3]);
    expect(changed('shift:1', square, [0.5, 0.99, 0, 0])).toEqual([4, 5, 6, 7, 8, 9, 7, 8, 9]);
  });

  it('crop enlarges what it leaves', () => {
    expect(changed('crop:2', square, [0.5, 0, 0, 0])).toEqual([1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]);
    expect(() => changed('crop:3', square, [0.5, 0, 0, 0])).toThrow(
      '--augment crop:3 leaves nothing',
    );
  });

  it('rotate turns around the middle', () => {
    const turned = changed('rotate:45', square, [1, 0, 0, 0]);
    expect(turned[4]).toBe(5);
    const half = Math.SQRT1_2;
    // Right of the middle comes what lay at 45° above it: between 3, 6, 2 and 5.
    const [near, far] = [1 - half, half];
    const expected = 5 * near * near + 6 * far * near + 8 * near * far + 9 * far * far;
    expect(turned[5]).toBeCloseTo(expected, 5);
  });

  it('computes sine and cosine as closely as a double permits', () => {
    fc.assert(
      fc.property(fc.double({ min: -Math.PI / 4, max: Math.PI / 4, noNaN: true }), (angle) => {
        const { sine, cosine } = sineAndCosine(angle);

        expect(
          [sine - Math.sin(angle), cosine - Math.cos(angle)].every((d) => Math.abs(d) < 1e-13),
        ).toBe(true);
      }),
    );
  });
});

describe('--augment', () => {
  it('is read, and written as it was given', () => {
    const text = 'flip,shift:3,rotate:12.5';
    expect(parseAugmentations(text)).toEqual([
      { kind: 'flip' },
      { kind: 'shift', pixels: 3 },
      { kind: 'rotate', degrees: 12.5 },
    ]);
    expect(augmentationText(parseAugmentations(text))).toBe(text);
    expect(augmentationText(parseAugmentations('crop, flip'))).toBe('crop:4,flip');
  });

  it('names every mistake', () => {
    const wrong = 'blur,shift:0,flip:2,rotate:,rotate:x';
    expect(() => parseAugmentations(wrong)).toThrow(
      [
        '--augment blur: there is no augmentation blur',
        '--augment shift:0: pixels must be at least 1',
        '--augment flip:2: it has one value at most',
        '--augment rotate:: degrees is missing',
        '--augment rotate:x: degrees must be a number above 0, at most 45',
      ].join('\n'),
    );
  });

  it('gives every augmentation one setting at most, with a default', () => {
    for (const { schema } of augmentations.entries) {
      expect(Object.keys(schema.shape).length).toBeLessThanOrEqual(1);
      expect(schema.safeParse({}).success).toBe(true);
    }
  });
});
