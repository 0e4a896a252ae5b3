import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBackends } from '../../spec-backends.js';
import { buildModel } from '../networks/build-model.js';
import { axisGeometry } from '../kernels/padding.js';
import { add, branch, conv2d, dense, flatten, maxPool2d, relu } from '../user-api.js';
import { mnistCnn } from '../networks/mnist-cnn.js';
import { receptiveFields, type AxisField } from './receptive-field.js';

const padding = fc.constantFrom('same' as const, 'valid' as const);
const window = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding,
});
type Window = typeof window extends fc.Arbitrary<infer Value> ? Value : never;

/** A square image under layers of sliding windows, as far as they fit. */
const stack = fc.record({
  side: fc.integer({ min: 4, max: 24 }),
  windows: fc.array(window, { minLength: 1, maxLength: 4 }),
});

function fitting(side: number, windows: readonly Window[]): Window[] {
  const kept: Window[] = [];
  let input = side;
  for (const each of windows) {
    const { output } = axisGeometry(input, each.size, each.stride, each.padding);
    if (output < 1) break;
    kept.push(each);
    input = output;
  }
  return kept;
}

interface Walk {
  /** The first and last pixel that a unit sees. */
  readonly ends: readonly [number, number];
  /** Whether no window on the way reached beyond what it was given. */
  readonly inside: boolean;
}

/** Walks back from a unit to the image, window by window. */
function walkBack(side: number, windows: readonly Window[], unit: number): Walk {
  const inputs = [side];
  for (const { size, stride, padding: pad } of windows) {
    inputs.push(axisGeometry(inputs.at(-1)!, size, stride, pad).output);
  }
  let [first, last] = [unit, unit];
  let inside = true;
  for (let n = windows.length - 1; n >= 0; n--) {
    const { size, stride, padding: pad } = windows[n];
    const { before } = axisGeometry(inputs[n], size, stride, pad);
    first = first * stride - before;
    last = last * stride - before + size - 1;
    inside &&= first >= 0 && last < inputs[n];
  }
  return { ends: [first, last], inside };
}

const lastField = (side: number, windows: readonly Window[]): AxisField => {
  const shapes = windows.reduce<number[]>(
    (sides, each) => [
      ...sides,
      axisGeometry(sides.at(-1) ?? side, each.size, each.stride, each.padding).output,
    ],
    [],
  );
  const layers = windows.map((each, n) => ({
    window: each,
    outputShape: [shapes[n], shapes[n], 1],
    operations: [],
  }));
  const fields = receptiveFields({ inputShape: [side, side, 1], layers: layers as never });
  return fields.at(-1)!.rows;
};

beforeAll(loadBackends);

describe('receptiveFields', () => {
  it('join those of a layer and of the earlier one that it adds', () => {
    const layers = [
      ...[relu({ name: 'start' }), conv2d({ filters: 1, kernelSize: 5, name: 'wide' })],
      ...[branch({ from: 'start' }), conv2d({ filters: 1, kernelSize: 3 }), add({ with: 'wide' })],
      ...[flatten(), dense({ units: 'classes' })],
    ];
    const fields = receptiveFields(buildModel({ name: 'm', layers }, [9, 9, 1], { classes: 2 }));
    expect(fields.map((field) => field?.rows.size)).toEqual([1, 5, 1, 3, 5, undefined, undefined]);
    expect(fields[4]?.rows).toEqual({ size: 5, stride: 1, offset: -2 });
  });

  it("knows the tutorial's network", () => {
    const fields = receptiveFields(buildModel(mnistCnn, [28, 28, 1], { classes: 10 }));
    const rows = fields.map((field) => field && Object.values(field.rows).join(' '));
    const [conv1, pool1, conv2, pool2] = ['5 1 -2', '6 2 -2', '14 2 -6', '16 4 -6'];
    const after = Array.from({ length: 5 }, () => undefined);
    expect(rows).toEqual([conv1, conv1, pool1, conv2, conv2, pool2, ...after]);
  });

  it('agrees with walking back from any unit, window by window', () => {
    fc.assert(
      fc.property(stack, fc.nat(20), ({ side, windows }, unit) => {
        const kept = fitting(side, windows);
        fc.pre(kept.length > 0);
        const { size, stride, offset } = lastField(side, kept);
        const first = offset + unit * stride;
        expect([first, first + size - 1]).toEqual(walkBack(side, kept, unit).ends);
      }),
    );
  });

  it('holds the pixels that a unit of a real network depends on, and away from the edges no others', () => {
    const overlapping = (each: Window): Window => ({
      ...each,
      stride: Math.min(each.stride, each.size),
    });
    const build = (windows: readonly Window[], side: number) =>
      buildModel(
        {
          name: 'stack',
          layers: [
            ...windows.map(({ size, stride, padding: pad }, n) =>
              n % 2 === 0
                ? conv2d({ filters: 1, kernelSize: size, stride, padding: pad })
                : maxPool2d(size, { stride, padding: pad }),
            ),
            { kind: 'flatten' },
            { kind: 'dense', units: 'classes' },
          ],
        },
        [side, side, 1],
        { classes: 2 },
      );
    fc.assert(
      fc.property(stack, fc.nat(1000), ({ side, windows }, pick) => {
        const kept = fitting(side, windows.map(overlapping));
        fc.pre(kept.length > 0);
        const model = build(kept, side);
        const layer = kept.length - 1;
        const [height, width] = model.layers[layer].outputShape as [number, number, number];
        const [row, column] = [pick % height, (pick * 7) % width];
        const { rows, columns } = receptiveFields(model)[layer]!;
        const inside = (axis: AxisField, unit: number, pixel: number): boolean => {
          const first = axis.offset + unit * axis.stride;
          return pixel >= first && pixel < first + axis.size;
        };
        const expected = Array.from(
          { length: side * side },
          (_, at) => inside(rows, row, Math.floor(at / side)) && inside(columns, column, at % side),
        );
        const found = dependsOn(model, layer, [side, row, column]);
        const whole = [row, column].every((unit) => walkBack(side, kept, unit).inside);
        if (whole) expect(found).toEqual(expected);
        else expect(found.filter((seen, at) => seen && !expected[at])).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

/** Which pixels change the unit when one of them after another is lit: filters of ones, no bias. */
function dependsOn(
  model: ReturnType<typeof buildModel>,
  layer: number,
  [side, row, column]: readonly [number, number, number],
): boolean[] {
  return tf.tidy(() => {
    // image n has pixel n lit
    let x: tf.Tensor = tf.reshape(tf.eye(side * side), [side * side, side, side, 1]);
    for (const { operations, parameters } of model.layers.slice(0, layer + 1)) {
      for (const { operation, parameters: own } of operations) {
        const weights = own.map((index) =>
          index === 0 ? tf.ones([...parameters[0].shape]) : tf.zeros([...parameters[index].shape]),
        );
        x = operation.forward(x, weights, { kind: 'inference' }, []).output;
      }
    }
    const [, , width] = x.shape as [number, number, number];
    const values = tf.reshape(x, [side * side, -1]).arraySync() as number[][];
    return values.map((units) => units[row * width + column] > 0);
  });
}
