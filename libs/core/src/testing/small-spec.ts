import type { RunSpec } from '../run-spec.js';

/** A small spec for tests: four weights, ten samples per step in two shards. */
export function smallSpec(change: Partial<RunSpec>): RunSpec {
  return {
    formatVersion: 2,
    model: {
      name: 'small',
      parameters: [{ name: 'w', shape: [4], gradient: 'dense' }],
      loss: { kind: 'cross-entropy' },
      metrics: ['accuracy'],
    },
    data: {
      name: 'small',
      sha256: '0'.repeat(64),
      trainCount: 100,
      testCount: 10,
      inputShape: [1, 1, 1],
      target: { classes: 2 },
    },
    batch: 10,
    shardSize: 5,
    steps: 4,
    optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0, schedule: { kind: 'constant' } },
    keepProb: 1,
    seed: 1,
    threads: 1,
    numerics: 'strict',
    device: 'cpu',
    wire: 'f32',
    ...change,
  };
}
