import { describe, expect, inject, it } from 'vitest';
import { createSandbox } from './harness/sandbox.js';
import { finished, startTraining } from './harness/train.js';
import { rollingRestart } from './rolling-restart.js';

const RUN = ['--steps', '160', '--batch', '20', '--shard-size', '4', '--checkpoint-every', '10'];
/** More of them, on a longer run, by `node bench/rolling-restart.mjs`. */
const ROUNDS = 2;

describe('a rolling restart of everything', () => {
  it('loses no step, no shard and no bit', async () => {
    const peace = createSandbox();
    const undisturbed = await finished(startTraining(peace, [...RUN, '--workers', '1']));
    const data = ['--data', inject('smallData')];
    const result = await rollingRestart(createSandbox(), RUN, data, ROUNDS);
    expect(result).toMatchObject({
      ...{ rounds: ROUNDS, weightsSha256: undisturbed, failedJobs: 0, steps: 160 },
      // Each coordinator saved the run before it left.
      computedAgain: 0,
    });
  });
});
