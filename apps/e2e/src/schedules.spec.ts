import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLedger, readSpec } from './harness/run-files.js';
import { lockstep } from './harness/lockstep.js';
import { createSandbox } from './harness/sandbox.js';
import { finished, startReference, startTraining } from './harness/train.js';

const BAD_INPUT = 2;

describe('a learning rate schedule', () => {
  it('gives the same weights with 1, 2 and 3 workers, and after a resume in the middle', async () => {
    const sandbox = createSandbox();
    const schedule = ['--schedule', 'step', '--decay-every', '3', '--decay-factor', '0.5'];
    const options = [...schedule, '--warmup-steps', '2', '--checkpoint-every', '2'];
    const rates: number[] = [];
    const weights: string[] = [];
    for (const workers of ['1', '2', '3']) {
      const run = startReference(sandbox, [...options, '--workers', workers]);
      if (workers === '1') {
        for (let step = 1; step <= 10; step++) {
          const { learningRate } = await run.event('step', (event) => event.step === step);
          rates.push(learningRate ?? 0);
        }
      }
      weights.push(await finished(run));
    }
    expect(rates).toEqual([
      ...[0.015, 0.03, 0.03, 0.03, 0.03],
      ...[0.015, 0.015, 0.015, 0.0075, 0.0075],
    ]);

    const [runId] = sandbox.runNames();
    const folder = join(sandbox.runs, runId);
    expect(readSpec(folder).optimizer.schedule).toEqual({
      ...{ kind: 'step', warmupSteps: 2, decayEvery: 3, decayFactor: 0.5 },
    });
    const before = readLedger(folder);
    const middle = ['--resume', runId, '--checkpoint', '4', '--workers', '2'];
    const resumed = startTraining(sandbox, [...middle, ...schedule]);
    expect(await resumed.event('run-started')).toMatchObject({ resumedAt: 4 });
    weights.push(await finished(resumed));
    expect(readLedger(folder)).toEqual(before);
    expect(new Set(weights).size).toBe(1);
    await sandbox.empty();
  });

  it('is refused by name with a setting that it does not have, and with a warm-up of the whole run', async () => {
    const sandbox = createSandbox();
    const wrong = ['train', '--schedule', 'linear', '--decay-every', '3', '--warmup-steps', '9'];
    const refused = await lockstep(sandbox, [...wrong, '--steps', '9']);
    expect(refused.code).toBe(BAD_INPUT);
    expect(refused.stderr).toMatch(/--decay-every is not a setting of schedule linear/);
    expect(refused.stderr).toMatch(/--warmup-steps must be below the 9 steps/);
    await sandbox.empty();
  });
});
