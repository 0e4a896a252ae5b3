import { describe, expect, it } from 'vitest';
import type { GivenWeight } from './given-weights.js';
import { takeWeights } from './take-weights.js';

const given = (name: string, shape: number[], fill = 1): GivenWeight => {
  const size = shape.reduce((product, each) => product * each, 1);
  return { name, shape, values: new Float32Array(size).fill(fill) };
};

describe('weights given to a network', () => {
  it('are matched by name, a chain’s names to those of Keras; what is not given begins anew', () => {
    const wanted = [
      { name: 'conv1/weights', shape: [2, 2] },
      { name: 'conv1/biases', shape: [2] },
      { name: 'head/kernel', shape: [2, 3] },
    ];
    const weights = [given('old/kernel', [9]), given('conv1/kernel', [2, 2], 3)];
    const { values, fresh } = takeWeights(wanted, [...weights, given('conv1/biases', [2], 4)]);
    expect(values).toEqual([new Float32Array(4).fill(3), new Float32Array(2).fill(4), undefined]);
    expect(fresh).toEqual(['head/kernel']);
  });

  it.each([
    [[given('a/kernel', [3, 2])], 'a/kernel is [2, 3] in the network, [3, 2] given'],
    [[given('a/kernel', [6])], 'a/kernel is [2, 3] in the network, [6] given'],
    [[given('a/kernel', [2, 3], NaN)], 'a/kernel is given with values that are not finite'],
    [[given('b/kernel', [2, 3])], 'given are b/kernel; the network has a/kernel, a/bias'],
    [[], 'given are none'],
  ])('are refused where they do not fit: %#', (weights, message) => {
    const wanted = [
      { name: 'a/kernel', shape: [2, 3] },
      { name: 'a/bias', shape: [3] },
    ];
    expect(() => takeWeights(wanted, weights)).toThrow(
      expect.objectContaining({
        code: 'weights-unusable',
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});
