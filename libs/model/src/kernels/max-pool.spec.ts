import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, tensorOf, unsigned } from '../../spec-backends.js';
import { maxPool, maxPoolForGradient } from './max-pool.js';
import type { PoolWindow } from './padding.js';
import type { Padding } from './padding.js';

beforeAll(loadBackends);

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const cases = fc
  .record({
    height: small(8),
    width: small(8),
    channels: small(3),
    size: small(3),
    stride: small(3),
    padding: fc.constantFrom<Padding>('same', 'valid'),
    // few distinct values, so that most windows hold ties
    values: fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 8, maxLength: 8 }),
  })
  .filter(
    ({ height, width, size, padding }) => padding === 'same' || Math.min(height, width) >= size,
  );

/** The stock kernel's gradient on native TensorFlow. */
function stockGradient(x: tf.Tensor, dy: tf.Tensor, window: PoolWindow): Float32Array {
  const gradient = tf.grad((image: tf.Tensor) =>
    tf.maxPool(image as tf.Tensor4D, window.size, window.stride, window.padding),
  );
  return gradient(x, dy).dataSync<'float32'>();
}

describe.each(BACKENDS)('maxPoolForGradient on %s', (backend) => {
  it('equals the stock gradient, also where values tie', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ values, height, width, channels, ...window }) => {
        const shape = [2, height, width, channels];
        const image = Float32Array.from(
          { length: 2 * height * width * channels },
          (_, i) => values[(i * 5 + (i >> 3)) % values.length],
        );
        await tf.setBackend('tensorflow');
        const x = tf.tensor(image, shape);
        const dy = tensorOf(maxPool(tf, x, window).shape);
        const stock = stockGradient(x, dy, window);
        const [dyValues, dyShape] = [dy.dataSync(), dy.shape];
        await tf.setBackend(backend);
        const { output, gradient } = maxPoolForGradient(tf, tf.tensor(image, shape), window);
        expect(output.shape).toEqual(dyShape);
        const own = gradient(tf.tensor(dyValues, dyShape)).dataSync<'float32'>();
        expect(own.map(unsigned)).toEqual(stock.map(unsigned));
      }),
      { numRuns: 150 },
    );
  });

  it('sends the gradient of four equal values to the first in row-major order', async () => {
    await tf.setBackend(backend);
    const { gradient } = maxPoolForGradient(tf, tf.ones([1, 2, 4, 1]), {
      size: 2,
      stride: 2,
      padding: 'valid',
    });
    const dx = gradient(tf.tensor([3, 5], [1, 1, 2, 1])).dataSync();
    expect([...dx]).toEqual([3, 0, 5, 0, 0, 0, 0, 0]);
  });
});
