import { defaultRecipe, type RunEvent } from '@lockstep/core';
import type { TrackedRun } from '../tracker.js';

/** A run of a model with four weights. */
export function smallRun(changes: Partial<TrackedRun> = {}): TrackedRun {
  const { optimizer, keepProb } = defaultRecipe;
  return {
    runId: 'run-1',
    folder: '/runs/run-1',
    version: 0,
    spec: {
      formatVersion: 2,
      model: {
        name: 'small',
        parameters: [{ name: 'w', shape: [2, 2], gradient: 'dense' }],
        loss: { kind: 'cross-entropy' },
        metrics: ['accuracy'],
      },
      data: {
        ...{ name: 'small', sha256: 'aa', trainCount: 20, testCount: 10 },
        ...{ inputShape: [1, 2, 1], target: { classes: 2 } },
      },
      ...{ batch: 10, shardSize: 5, steps: 4, optimizer, keepProb, seed: 1, threads: 1 },
      ...{ numerics: 'strict', device: 'cpu', wire: 'f32' },
    },
    ...changes,
  };
}

export function stepEvent(step: number, changes: { trainAccuracy?: number } = {}): RunEvent {
  const speed = { samplesPerSecond: 100, workers: 1 };
  return { event: 'step', step, loss: 1 / step, learningRate: 0.5, ...speed, ...changes };
}
