import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadBackends, relativeError } from '../../../spec-backends.js';
import type { Targets } from '../loss.js';
import { losses } from '../registry.js';

const rows = z.array(z.array(z.number()));
/** Written by `pytorch.py`. */
const reference = z
  .array(
    z.object({
      loss: z.string(),
      settings: z.record(z.string(), z.unknown()),
      outputs: rows,
      targets: z.union([rows, z.array(z.number())]),
      losses: z.array(z.number()),
      delta: rows,
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('pytorch.json', import.meta.url), 'utf8')));

/** Relative to the largest value: some roundings of float32. */
const ERROR = 2e-6;

beforeAll(async () => {
  await loadBackends();
  await tf.setBackend('tensorflow');
});

describe('each loss and its delta equal those of PyTorch', () => {
  it.each(reference)('$loss $settings', ({ loss: kind, settings, outputs, ...expected }) => {
    const { entry, settings: parsed } = losses.read({ kind, ...settings });
    const compute = entry.make(tf, parsed);
    const isOfClasses = typeof expected.targets[0] === 'number';
    const of = (samples: number[][], targets: (number | number[])[]): ReturnType<typeof compute> =>
      compute(tf.tensor2d(samples), typed(targets.flat(), isOfClasses));
    const whole = of(outputs, expected.targets);
    const each = outputs.map((row, i) => of([row], [expected.targets[i]]).lossSum);
    expect(relativeError(each, expected.losses)).toBeLessThan(ERROR);
    const sum = expected.losses.reduce((total, loss) => total + loss);
    expect(relativeError([whole.lossSum], [sum])).toBeLessThan(ERROR);
    expect(relativeError([...whole.delta.dataSync()], expected.delta.flat())).toBeLessThan(ERROR);
  });
});

function typed(targets: number[], isOfClasses: boolean): Targets {
  return isOfClasses ? Int32Array.from(targets) : Float32Array.from(targets);
}
