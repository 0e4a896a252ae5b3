import { describe, expect, it } from 'vitest';
import { fromFormat1, mustBeCurrentFormat, storedForm } from './run-format-1.js';
import { specHashAt } from './run-segments.js';
import { specHash } from './spec-hash.js';
import { storedRunSpecSchema } from './run-spec-schema.js';
import { smallSpec } from './testing/small-spec.js';

/** As the first release wrote it. */
const written = {
  model: {
    name: 'mnist-cnn',
    parameters: [
      { name: 'conv1/weights', shape: [5, 5, 1, 32], gradient: 'dense' },
      { name: 'conv1/biases', shape: [32], gradient: 'dense' },
      { name: 'conv2/weights', shape: [5, 5, 32, 64], gradient: 'dense' },
      { name: 'conv2/biases', shape: [64], gradient: 'dense' },
      { name: 'fc1/weights', shape: [3136, 1024], gradient: 'factored' },
      { name: 'fc1/biases', shape: [1024], gradient: 'dense' },
      { name: 'fc2/weights', shape: [1024, 10], gradient: 'dense' },
      { name: 'fc2/biases', shape: [10], gradient: 'dense' },
    ],
  },
  data: {
    name: 'mnist',
    sha256: 'e9914cff2ade526da2ab1ac60c072f9173cc53e35b9411692de8207cb1b9009d',
    trainCount: 60000,
    testCount: 10000,
    imageShape: [28, 28, 1],
    classCount: 10,
  },
  batch: 50,
  shardSize: 25,
  steps: 20,
  optimizer: {
    kind: 'nesterov',
    learningRate: 0.03,
    schedule: { kind: 'cosine', warmupSteps: 10, finalFactor: 0 },
    momentum: 0.9,
  },
  keepProb: 0.5,
  seed: 7,
  threads: 1,
  numerics: 'strict',
  device: 'cpu',
  wire: 'f32',
  formatVersion: 1,
};
/** The hash beside it in `spec.json`. */
const WRITTEN_HASH = '4d07f0021dcaddd1f9fe78862eb1a466dabe02b595729d2422fbd92b44946055';

describe('a RunSpec of format 1', () => {
  it('is read in today’s terms, and keeps its hash', () => {
    const spec = storedRunSpecSchema.parse(written);
    expect(spec).toMatchObject({
      formatVersion: 1,
      model: { name: 'mnist-cnn', loss: { kind: 'cross-entropy' }, metrics: ['accuracy'] },
      data: { inputShape: [28, 28, 1], target: { classes: 10 } },
    });
    expect(storedForm(spec)).toEqual(written);
    expect(specHash(spec)).toBe(WRITTEN_HASH);
    expect(specHashAt(spec, 1)).toBe(WRITTEN_HASH);
  });

  it('is refused by name where contributions are computed', () => {
    const first = storedRunSpecSchema.parse(written);
    expect(() => mustBeCurrentFormat(first, 'run-1')).toThrow(
      expect.objectContaining({ code: 'run-format' }) as Error,
    );
    expect(() => mustBeCurrentFormat(smallSpec({}), 'run-1')).not.toThrow();
  });

  it('is the only one that changes', () => {
    const spec = smallSpec({});
    expect(fromFormat1(spec)).toBe(spec);
    expect(storedForm(spec)).toBe(spec);
    expect(storedRunSpecSchema.safeParse({ formatVersion: 1 }).success).toBe(false);
  });
});
