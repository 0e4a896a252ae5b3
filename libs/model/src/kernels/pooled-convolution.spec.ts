import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, relativeError, tensorOf } from '../../spec-backends.js';
import type { Padding } from './padding.js';
import { convolveAndPool, poolsExactly } from './pooled-convolution.js';

beforeAll(loadBackends);

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const cases = fc
  .record({
    height: small(12),
    width: small(12),
    kernel: small(5),
    channels: small(3),
    poolSize: small(3),
    padding: fc.constantFrom<Padding>('same', 'valid'),
    // an image of few distinct values makes windows tie
    levels: fc.constantFrom(1, 2, 1000),
  })
  .filter(
    (c) =>
      (c.padding === 'same' || Math.min(c.height, c.width) >= c.kernel) &&
      poolsExactly([c.height, c.width], c.kernel, c),
  );

describe.each(BACKENDS)('convolveAndPool on %s', (backend) => {
  it('equals a convolution and then a pooling, and their stock gradient, also on ties', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        await tf.setBackend('tensorflow');
        const image = tf.round(tf.mul(tensorOf([2, c.height, c.width, c.channels]), c.levels));
        // whole numbers, so that equal sums are equal in any order of summing
        const weights = tf.round(tf.mul(tensorOf([c.kernel, c.kernel, c.channels, 2], 2), 3));
        const plain = (filter: tf.Tensor): tf.Tensor =>
          tf.maxPool(
            tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, 1, c.padding),
            c.poolSize,
            c.poolSize,
            'valid',
          );
        const expected = plain(weights);
        const dy = tensorOf(expected.shape, 3);
        const stock = tf.grad(plain)(weights, dy).dataSync();
        const [output, x, filter, delta] = [expected, image, weights, dy].map((tensor) => ({
          values: tensor.dataSync(),
          shape: tensor.shape,
        }));
        await tf.setBackend(backend);
        const own = convolveAndPool(
          tf.tensor(x.values, x.shape),
          tf.tensor(filter.values, filter.shape),
          c,
        );
        expect(own.output.shape).toEqual(output.shape);
        expect(relativeError(own.output.dataSync(), output.values)).toBeLessThan(1e-6);
        const gradient = own.gradient(tf.tensor(delta.values, delta.shape)).dataSync();
        expect(relativeError(gradient, stock)).toBeLessThan(3e-6);
      }),
      { numRuns: 120 },
    );
  });
});
