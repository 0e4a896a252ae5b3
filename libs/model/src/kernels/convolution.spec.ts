import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BACKENDS, loadBackends, relativeError, tensorOf } from '../../spec-backends.js';
import { convolve, filterGradient, imageGradient } from './convolution.js';
import { axisGeometry, type Padding } from './padding.js';

interface Case {
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly channels: number;
  readonly filters: number;
  readonly batch: number;
  readonly stride: number;
  readonly padding: Padding;
}

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const cases: fc.Arbitrary<Case> = fc
  .record({
    height: small(9),
    width: small(9),
    kernel: fc.tuple(small(5), small(5)),
    channels: small(3),
    filters: small(3),
    batch: small(3),
    stride: small(3),
    padding: fc.constantFrom<Padding>('same', 'valid'),
  })
  .filter(
    ({ height, width, kernel, padding }) =>
      padding === 'same' || (height >= kernel[0] && width >= kernel[1]),
  );

beforeAll(loadBackends);

/** The gradients by tfjs's own tape, on native TensorFlow. */
function stockGradients(c: Case): Float32Array[] {
  const { x, filter, dy } = tensorsOf(c);
  const gradients = tf.grads((image: tf.Tensor, weights: tf.Tensor) =>
    tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, c.stride, c.padding),
  );
  return gradients([x, filter], dy).map((gradient) => gradient.dataSync<'float32'>());
}

function tensorsOf(c: Case): { x: tf.Tensor; filter: tf.Tensor; dy: tf.Tensor } {
  const output = [
    c.batch,
    axisGeometry(c.height, c.kernel[0], c.stride, c.padding).output,
    axisGeometry(c.width, c.kernel[1], c.stride, c.padding).output,
    c.filters,
  ];
  return {
    x: tensorOf([c.batch, c.height, c.width, c.channels], 1),
    filter: tensorOf([...c.kernel, c.channels, c.filters], 2),
    dy: tensorOf(output, 3),
  };
}

function ownGradients(c: Case): Float32Array[] {
  const { x, filter, dy } = tensorsOf(c);
  expect(convolve(tf, x, filter, c).shape).toEqual(dy.shape);
  return [
    imageGradient(tf, dy, filter, x.shape, c).dataSync<'float32'>(),
    filterGradient(tf, x, dy, filter.shape, c).dataSync<'float32'>(),
  ];
}

describe.each(BACKENDS)('convolution gradients on %s', (backend) => {
  it('equal the stock ones over odd shapes, strides and paddings', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        await tf.setBackend('tensorflow');
        const stock = stockGradients(c);
        await tf.setBackend(backend);
        const own = ownGradients(c);
        own.forEach((gradient, i) => {
          expect(relativeError(gradient, stock[i])).toBeLessThan(2e-6);
        });
      }),
      { numRuns: 150 },
    );
  });
});
